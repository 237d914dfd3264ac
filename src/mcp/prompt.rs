//! The prompt `write_to_the_host`.

use rmcp::model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};

use super::arguments::Arguments;
use super::{McpServer, marked};
use crate::pages::Language;
use crate::report::{agents, notices};

/// The name of the prompt.
pub(super) const NAME: &str = "write_to_the_host";

pub(super) fn described() -> Prompt {
    let argument =
        |name: &str, words: &str| PromptArgument::new(name).with_description(words).with_required(false);
    let arguments = vec![
        argument("bot", "The bot: its ID, or a link to it in Recall.ai's dashboard. Or give `cause`."),
        argument("cause", "The ID of a cause, or a sub code. Or give `bot`."),
        argument(
            "language",
            "The host's language, as a tag such as en, de, fr, es, pt-BR or ja. English by default.",
        ),
    ];
    Prompt::new(NAME, Some(agents::WRITE_TO_THE_HOST), Some(arguments)).with_title("Write to the host")
}

/// The language that a message is wanted in.
struct Wanted {
    /// As the caller wrote it.
    tag: String,
    /// One of ours, if it is.
    ours: Option<Language>,
}

impl McpServer {
    pub(super) async fn write_to_the_host(
        &self,
        arguments: Option<JsonObject>,
    ) -> Result<GetPromptResult, String> {
        let arguments = Arguments::new(NAME, &["bot", "cause", "language"], arguments)?;
        let wanted = arguments.text("language")?.map_or_else(|| language("en"), language)?;
        let text = match (arguments.text("bot")?, arguments.text("cause")?) {
            (Some(_), None) => {
                let bot = arguments.bot()?;
                self.perform(NAME, &bot.to_string(), self.about_bot(bot, &wanted)).await?
            }
            (None, Some(_)) => {
                let cause = self.cause(&arguments.word("cause", "a cause or a sub code")?)?;
                let work = async { self.message(cause.id.as_str(), None, &wanted) };
                self.perform(NAME, cause.id.as_str(), work).await?
            }
            (Some(_), Some(_)) | (None, None) => return Err(agents::BOT_OR_CAUSE.to_owned()),
        };
        let message = PromptMessage::new_text(Role::User, text);
        Ok(GetPromptResult::new(vec![message]).with_description(agents::WRITE_TO_THE_HOST))
    }

    async fn about_bot(
        &self,
        bot: crate::diagnosis::bot_id::BotId,
        wanted: &Wanted,
    ) -> Result<String, String> {
        let knowledge = &self.knowledge;
        let case = knowledge.answerer.case_file(bot, None, (knowledge.clock)()).await?;
        let report = marked::unknown_codes(knowledge.answerer.compose(&marked::names(&case)));
        self.message(&report.cause, Some(report.host_message.as_deref()), wanted)
    }

    /// The message about a cause. `own` is that of a bot, in English; a translation is of the cause alone.
    fn message(&self, cause: &str, own: Option<Option<&str>>, wanted: &Wanted) -> Result<String, String> {
        let cause = self.cause(cause)?;
        let pages = &self.knowledge.pages;
        let translated = wanted
            .ours
            .filter(|language| *language != Language::En)
            .and_then(|language| pages.explanation(cause, language)?.host_message);
        let english = match own {
            Some(own) => own.map(str::to_owned),
            None => self.explanation(cause).host_message,
        };
        // Without an English message there is nothing that this host can do.
        let english = english.ok_or_else(|| notices::NO_HOST_MESSAGE.to_owned())?;
        let into = (translated.is_none() && wanted.ours != Some(Language::En)).then_some(wanted.tag.as_str());
        Ok(agents::write_to_the_host(translated.as_deref().unwrap_or(&english), into))
    }
}

fn language(tag: &str) -> Result<Wanted, String> {
    let is_tag = (2..=35).contains(&tag.len())
        && tag.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-');
    if is_tag {
        Ok(Wanted { tag: tag.to_owned(), ours: Language::of_tag(tag) })
    } else {
        Err(agents::wrong_argument("language", "a language tag, such as en, de or pt-BR"))
    }
}
