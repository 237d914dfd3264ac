//! Parses raw values, or says what they should have been.
//!
//! An error completes the sentence "… must be …" and never repeats the value.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

use secrecy::SecretString;
use url::Url;

use super::raw::Raw;
use crate::mention;
use crate::net::is_loopback;

/// A checked value, or what it should look like.
pub(super) type Formed<T> = Result<T, String>;

/// Text that is not empty.
pub(super) fn text(raw: &Raw) -> Formed<String> {
    match raw {
        Raw::Text(text) | Raw::Untyped(text) if !raw.is_blank() => Ok(text.trim().to_owned()),
        _ => Err("text in quotes".to_owned()),
    }
}

/// One or several texts: a list, or one text separated by commas.
pub(super) fn texts(raw: &Raw) -> Formed<Vec<String>> {
    let texts: Vec<String> = match raw {
        Raw::Text(text) | Raw::Untyped(text) => text.split(',').map(str::to_owned).collect(),
        Raw::List(texts) => texts.clone(),
        Raw::Whole(_) | Raw::Flag(_) | Raw::Map(_) | Raw::Other(_) => Vec::new(),
    };
    let texts: Vec<String> = texts.iter().map(|text| text.trim().to_owned()).collect();
    if texts.is_empty() || texts.iter().any(String::is_empty) {
        let wanted = match raw {
            Raw::Untyped(_) => "texts separated by commas, none of them empty",
            _ => "text in quotes, or a list of such, none of them empty",
        };
        return Err(wanted.to_owned());
    }
    Ok(texts)
}

/// `true` or `false`.
pub(super) fn flag(raw: &Raw) -> Formed<bool> {
    match raw {
        Raw::Flag(flag) => Ok(*flag),
        Raw::Untyped(text) if text == "true" => Ok(true),
        Raw::Untyped(text) if text == "false" => Ok(false),
        _ => Err(format!("true or false{}", without_quotes(raw))),
    }
}

/// A whole number within a range.
pub(super) fn whole(range: RangeInclusive<u32>) -> impl FnOnce(&Raw) -> Formed<u32> {
    move |raw| {
        let number = match raw {
            Raw::Whole(number) => u32::try_from(*number).ok(),
            Raw::Untyped(text) => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| range.contains(number)).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            format!("a whole number from {least} to {most}{}", without_quotes(raw))
        })
    }
}

/// Variables have no quotes that could be left out.
fn without_quotes(raw: &Raw) -> &'static str {
    if matches!(raw, Raw::Untyped(_)) { "" } else { ", without quotes" }
}

/// Reads a word of a closed vocabulary.
pub(super) fn one_of<T: Copy + 'static>(
    all: &'static [T],
    as_str: fn(T) -> &'static str,
) -> impl Fn(&Raw) -> Formed<T> {
    move |raw| {
        let word = text(raw).ok();
        let found = word.and_then(|word| all.iter().find(|value| as_str(**value) == word));
        found.copied().ok_or_else(|| {
            let words: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
            format!("one of {}", words.join(", "))
        })
    }
}

/// Several words of a closed vocabulary.
pub(super) fn some_of<T: Copy + 'static>(
    all: &'static [T],
    as_str: fn(T) -> &'static str,
) -> impl Fn(&Raw) -> Formed<Vec<T>> {
    move |raw| {
        let one = one_of(all, as_str);
        texts(raw)?.into_iter().map(|word| one(&Raw::Text(word))).collect()
    }
}

/// Texts by name, at least one.
pub(super) fn map(raw: &Raw) -> Formed<BTreeMap<String, String>> {
    let (map, wanted) = match raw {
        Raw::Map(map) => (Some(map.clone()), "names with text in quotes, as in metadata.customer = \"acme\""),
        Raw::Untyped(text) => (pairs(text), "names with text, as in customer=acme, tier=gold"),
        Raw::Text(_) | Raw::Whole(_) | Raw::Flag(_) | Raw::List(_) | Raw::Other(_) => {
            (None, "names with text in quotes, as in metadata.customer = \"acme\"")
        }
    };
    map.filter(|map| !map.is_empty() && map.keys().all(|name| !name.trim().is_empty()))
        .ok_or_else(|| wanted.to_owned())
}

/// Parses `name=value` pairs, separated by commas; `None` if a name appears twice.
fn pairs(text: &str) -> Option<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    for pair in text.split(',') {
        let (name, value) = pair.split_once('=')?;
        if map.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
            return None;
        }
    }
    Some(map)
}

/// Reads a secret: one word, because it goes into a header.
pub(super) fn secret(raw: &Raw) -> Formed<SecretString> {
    let secret = text(raw)?;
    if secret.chars().all(|letter| letter.is_ascii_graphic()) {
        Ok(secret.into())
    } else {
        Err("one word of plain characters, without spaces or line breaks".to_owned())
    }
}

/// The URL of an API, without a slash at its end.
pub(super) fn http_url(raw: &Raw) -> Formed<String> {
    parse_url(raw).map(|url| url.as_str().trim_end_matches('/').to_owned())
}

/// The same without a path.
pub(super) fn origin_url(raw: &Raw) -> Formed<String> {
    let url = parse_url(raw)?;
    if url.path() == "/" {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err("a URL without a path: scheme, host and port, as in https://discord.com".to_owned())
    }
}

/// An address to listen on.
pub(super) fn listen(raw: &Raw) -> Formed<SocketAddr> {
    text(raw)?.parse().map_err(|_| "an IP address and a port, as in 127.0.0.1:8080".to_owned())
}

/// Parses a Slack channel: an ID, or a name, which keeps its `#`.
pub(super) fn slack_channel(raw: &Raw) -> Formed<String> {
    let text = text(raw)?;
    let is_id = text.starts_with(['C', 'G', 'D'])
        && text.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    if is_id {
        return Ok(text);
    }
    let name = text.trim_start_matches('#');
    let is_name = !name.is_empty()
        && name.chars().count() <= 80
        && name.chars().all(|letter| {
            (letter.is_alphanumeric() && !letter.is_uppercase()) || matches!(letter, '-' | '_')
        });
    if is_name {
        Ok(format!("#{name}"))
    } else {
        Err("a Slack channel: its id, as in C0123456789, or its name in lower case, as in #recordings"
            .to_owned())
    }
}

/// Whom to mention: words that a platform reads as mentions.
pub(super) fn mention(raw: &Raw) -> Formed<String> {
    let text = text(raw).unwrap_or_default();
    let is_mention = |word: &str| mention::is_slack(word) || mention::is_discord(word);
    if text.is_empty() || !text.split_whitespace().all(is_mention) {
        return Err(format!(
            "a mention as Slack writes it ({}), or as Discord does ({}); several are separated by spaces",
            mention::SLACK_FORMS,
            mention::DISCORD_FORMS
        ));
    }
    if text.chars().count() > mention::MENTION_MAX {
        return Err(format!("{} characters at most", mention::MENTION_MAX));
    }
    Ok(text)
}

/// An id of Discord's.
pub(super) fn snowflake(raw: &Raw) -> Formed<String> {
    let wanted = match raw {
        Raw::Untyped(_) => "an id of Discord's, digits only, as in 123456789012345678",
        _ => "an id of Discord's in quotes, digits only, as in \"123456789012345678\"",
    };
    text(raw)
        .ok()
        .filter(|id| id.len() <= 20 && id.bytes().all(|digit| digit.is_ascii_digit()))
        .ok_or_else(|| format!("{wanted} (right-click it and choose Copy ID, with Developer Mode on)"))
}

/// Several ids of Discord's.
pub(super) fn snowflakes(raw: &Raw) -> Formed<Vec<String>> {
    texts(raw)?.into_iter().map(|id| snowflake(&Raw::Text(id))).collect()
}

/// IDs of Slack users.
pub(super) fn slack_users(raw: &Raw) -> Formed<Vec<String>> {
    let wanted = "IDs of Slack users, as in U0123456789 (a profile's menu has Copy member ID)";
    slack_ids(raw, &['U', 'W'], wanted)
}

/// IDs of Slack user groups.
pub(super) fn slack_groups(raw: &Raw) -> Formed<Vec<String>> {
    slack_ids(raw, &['S'], "IDs of Slack user groups, as in S0123456789 (a group's menu has Copy group ID)")
}

/// A name in place of an ID would match nobody, without a word.
fn slack_ids(raw: &Raw, first: &[char], wanted: &str) -> Formed<Vec<String>> {
    let is_id = |id: &String| {
        id.starts_with(first)
            && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    texts(raw).ok().filter(|ids| ids.iter().all(is_id)).ok_or_else(|| wanted.to_owned())
}

/// An address that people open, without a slash at its end. No key is sent there.
pub(super) fn public_url(raw: &Raw) -> Formed<String> {
    plain_url(raw).map(|url| url.as_str().trim_end_matches('/').to_owned())
}

fn parse_url(raw: &Raw) -> Formed<Url> {
    let url = plain_url(raw)?;
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err("an https:// URL, because a key is sent to it; \
                    http:// is for loopback addresses only"
            .to_owned());
    }
    Ok(url)
}

fn plain_url(raw: &Raw) -> Formed<Url> {
    let url = text(raw)
        .ok()
        .and_then(|text| Url::parse(&text).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
        .ok_or("a URL that begins with https:// and names a host")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL without a user name and a password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("a URL without ? and #".to_owned());
    }
    Ok(url)
}
