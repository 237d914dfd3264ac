//! The prompt `write_to_the_host`.

use rmcp::model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};

use super::arguments::Arguments;
use super::{McpServer, marked};
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::catalogue::Cause;
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

/// What the message is about.
#[derive(Debug, Clone, Copy)]
enum About<'a> {
    Bot(BotId),
    Cause(&'a Cause),
}

/// The language that a message is wanted in.
#[derive(Debug)]
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
        let asked = self.asked_to_write(arguments);
        let about = match &asked {
            Ok((About::Bot(bot), _)) => bot.to_string(),
            Ok((About::Cause(cause), _)) => cause.id.to_string(),
            Err(_) => String::new(),
        };
        let work = async {
            let (about, wanted) = asked?;
            let text = match about {
                About::Bot(bot) => self.about_bot(bot, &wanted).await?,
                About::Cause(cause) => {
                    self.message(cause, self.explanation(cause).host_message.as_deref(), &wanted)?
                }
            };
            let message = PromptMessage::new_text(Role::User, text);
            Ok(GetPromptResult::new(vec![message]).with_description(agents::WRITE_TO_THE_HOST))
        };
        self.perform(NAME, &about, work).await
    }

    fn asked_to_write(&self, arguments: Option<JsonObject>) -> Result<(About<'_>, Wanted), String> {
        let arguments = Arguments::new(NAME, &["bot", "cause", "language"], arguments)?;
        let wanted = language(arguments.text("language")?.unwrap_or(Language::En.as_str()))?;
        let about = match (arguments.text("bot")?, arguments.text("cause")?) {
            (Some(_), None) => About::Bot(arguments.bot()?),
            (None, Some(_)) => About::Cause(self.cause(&arguments.word("cause", "a cause or a sub code")?)?),
            (Some(_), Some(_)) | (None, None) => return Err(agents::BOT_OR_CAUSE.to_owned()),
        };
        Ok((about, wanted))
    }

    async fn about_bot(&self, bot: BotId, wanted: &Wanted) -> Result<String, String> {
        let knowledge = &self.knowledge;
        let case = knowledge.answerer.case_file(bot, None, (knowledge.clock)()).await?;
        let report = marked::unknown_codes(knowledge.answerer.compose(&marked::names(&case)));
        self.message(self.cause(&report.cause)?, report.host_message.as_deref(), wanted)
    }

    /// Returns the message in the language that is wanted. `english` is that of a bot or of the cause; a translation is
    /// of the cause alone.
    fn message(&self, cause: &Cause, english: Option<&str>, wanted: &Wanted) -> Result<String, String> {
        // Without an English message there is nothing that this host can do.
        let english = english.ok_or_else(|| notices::NO_HOST_MESSAGE.to_owned())?;
        let translated = wanted
            .ours
            .filter(|language| *language != Language::En)
            .and_then(|language| self.knowledge.pages.explanation(cause, language)?.host_message);
        let into = (translated.is_none() && wanted.ours != Some(Language::En)).then_some(wanted.tag.as_str());
        Ok(agents::write_to_the_host(translated.as_deref().unwrap_or(english), into))
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
