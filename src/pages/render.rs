//! From what a page says to HTML. The templates are checked when the program is compiled.

use askama::Template;

use super::drawing::{Drawing, draw};
use super::frame::Words;
use super::spans::Span;
use super::{Language, Links, Pages, embed};
use crate::diagnosis::catalogue::Cause;
use crate::diagnosis::vocabulary::Platform;

/// Another language in which the page is there.
struct Other {
    tag: Language,
    name: &'static str,
    link: String,
    is_this: bool,
}

/// What stands in the head of every page, and around it.
struct Head<'a> {
    language: Language,
    words: &'a Words,
    title: &'a str,
    description: &'a str,
    address: Option<String>,
    embed: Option<String>,
    languages: Vec<Other>,
    list: String,
}

#[derive(Template)]
#[template(path = "page.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    head: Head<'a>,
    platform: Option<&'static str>,
    title: &'a str,
    happened: &'a str,
    steps: &'a [Vec<Span>],
    drawings: Vec<Drawing>,
    how_to_tell: Vec<Span>,
}

/// A page, as the list names it.
struct Entry {
    title: String,
    link: String,
    is_foreign: bool,
}

/// The pages of a platform.
struct Group<'a> {
    name: &'a str,
    entries: Vec<Entry>,
}

#[derive(Template)]
#[template(path = "list.html", config = "src/pages/askama.toml")]
struct List<'a> {
    head: Head<'a>,
    title: &'a str,
    lead: &'a str,
    groups: Vec<Group<'a>>,
}

fn html(template: &impl Template) -> String {
    // Writing to a `String` can't fail, and no template of ours has a filter that can.
    template.render().unwrap_or_default()
}

pub(super) fn page(pages: &Pages, cause: &Cause, language: Language, links: Links<'_>) -> String {
    let id = cause.id.as_str();
    let words = pages.frame.words(language);
    let content = pages.content(cause, language);
    let available = pages.languages(id);
    let languages = available.into_iter().map(|other| Other {
        tag: other,
        name: other.own_name(),
        link: links.page(id, other),
        is_this: other == language,
    });
    let head = Head {
        language,
        words,
        title: &content.title,
        description: &content.happened,
        address: links.address(&links.page(id, language)),
        embed: embed::component_embed(pages, cause, language, links)
            .and_then(|_| links.address(&embed::file(cause, language))),
        languages: languages.collect(),
        list: links.list(language),
    };
    let places = pages.frame.places(cause).iter();
    html(&Page {
        head,
        platform: cause.platform.map(Platform::label),
        title: &content.title,
        happened: &content.happened,
        steps: &content.steps,
        drawings: places.map(|place| draw(*place, &pages.labels, words, language)).collect(),
        how_to_tell: pages.frame.how_to_tell(cause, &pages.labels, language),
    })
}

/// The list; `is_lost` if it is shown because an address leads nowhere.
pub(super) fn list(pages: &Pages, language: Language, links: Links<'_>, is_lost: bool) -> String {
    let words = pages.frame.words(language);
    let (title, lead) = if is_lost {
        (&words.not_found, &words.not_found_text)
    } else {
        (&words.list_title, &words.list_lead)
    };
    let languages = Language::ALL.iter().map(|other| Other {
        tag: *other,
        name: other.own_name(),
        link: links.list(*other),
        is_this: *other == language && !is_lost,
    });
    let head = Head {
        language,
        words,
        title,
        description: lead,
        address: links.address(&format!("?lang={language}")).filter(|_| !is_lost),
        embed: None,
        languages: languages.collect(),
        list: links.list(language),
    };
    html(&List { head, title, lead, groups: groups(pages, language, links) })
}

/// The pages by platform. What is there in English alone comes last, and says so.
fn groups<'a>(pages: &'a Pages, language: Language, links: Links<'_>) -> Vec<Group<'a>> {
    let words = pages.frame.words(language);
    let platforms = [
        None,
        Some(Platform::Zoom),
        Some(Platform::GoogleMeet),
        Some(Platform::MicrosoftTeams),
        Some(Platform::Webex),
    ];
    let entry = |cause: &Cause, language: Language, is_foreign: bool| Entry {
        title: pages.content(cause, language).title,
        link: links.page(cause.id.as_str(), language),
        is_foreign,
    };
    let is_there = |cause: &Cause| pages.languages(cause.id.as_str()).contains(&language);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for platform in platforms {
        let own = pages.causes().filter(|cause| cause.platform == platform && is_there(cause));
        let entries = own.map(|cause| entry(cause, language, false)).collect();
        let name = match platform {
            Some(platform) => platform.label(),
            None => &words.any_platform,
        };
        groups.push(Group { name, entries });
    }
    let others = pages.causes().filter(|cause| !is_there(cause));
    let entries = others.map(|cause| entry(cause, Language::En, true)).collect();
    groups.push(Group { name: &words.only_english, entries });
    groups.retain(|group| !group.entries.is_empty());
    groups
}
