//! `outbox`: lists, retries and discards what could not be delivered or answered.

use std::path::Path;

use super::database::Access;
use super::{CommandError, database, settings};
use crate::report::format_utc;
use crate::store::{DeadQuestion, Dropped, OutboxRow, OutboxState, Retried, Store};

/// Most messages that are listed.
const LISTED_MAX: i64 = 200;

#[derive(Debug, clap::Subcommand)]
pub(super) enum OutboxCommand {
    /// List undelivered messages
    #[command(after_help = "Example:\n  why-no-recording outbox list")]
    List,
    /// Show a message and its last error
    #[command(after_help = "Example:\n  why-no-recording outbox show slack:Ev0123456789/00")]
    Show {
        /// ID from `outbox list`
        id: String,
    },
    /// Discard an undelivered message or question
    #[command(
        after_help = "Messages that belong to it are discarded too.\n\nExample:\n  why-no-recording outbox drop slack:Ev0123456789/00"
    )]
    Drop {
        /// ID from `outbox list`
        id: String,
    },
    /// Retry a message that was given up
    #[command(
        after_help = "Messages that belong to it are retried too.\n\nExample:\n  why-no-recording outbox retry slack:Ev0123456789/00"
    )]
    Retry {
        /// ID from `outbox list`
        id: String,
    },
}

pub(super) fn run(command: &OutboxCommand, config: Option<&Path>) -> Result<String, CommandError> {
    let url = settings(config)?.database.url;
    let access = match command {
        OutboxCommand::List | OutboxCommand::Show { .. } => Access::Read,
        OutboxCommand::Drop { .. } | OutboxCommand::Retry { .. } => Access::Write,
    };
    database::answer(&url, access, async |store| answer(command, store).await)
}

async fn answer(command: &OutboxCommand, store: &Store) -> Result<String, CommandError> {
    let unknown = |id: &str| {
        CommandError::Failed(anyhow::anyhow!(
            "There is no message {id} in the outbox. Run `outbox list` to see the IDs."
        ))
    };
    match command {
        OutboxCommand::List => {
            let rows = store.undelivered(LISTED_MAX).await.map_err(anyhow::Error::from)?;
            let questions = store.dead_questions(LISTED_MAX).await.map_err(anyhow::Error::from)?;
            let lines: String = questions.iter().map(question_line).chain(rows.iter().map(line)).collect();
            Ok(if lines.is_empty() { "Everything is delivered.\n".to_owned() } else { lines })
        }
        OutboxCommand::Show { id } => {
            let found = store.outbox_row(id).await.map_err(anyhow::Error::from)?;
            let (outgoing, body) = found.ok_or_else(|| unknown(id))?;
            Ok(format!("{}\n{}\n", line(&outgoing), without_handles(&body)))
        }
        OutboxCommand::Drop { id } => drop_one(id, store).await,
        OutboxCommand::Retry { id } => {
            match store.retry_dead_letter(id).await.map_err(anyhow::Error::from)? {
                Retried::Due(1) => Ok("Queued. The running service will deliver it.\n".to_owned()),
                Retried::Due(many) => Ok(format!(
                    "Queued, with {}. The running service will deliver them.\n",
                    more(many - 1)
                )),
                Retried::NotDead => {
                    Err(anyhow::anyhow!("Nothing changed: only messages that were given up can be retried.").into())
                }
                Retried::ParentGone => Err(anyhow::anyhow!(
                    "Nothing changed: the message that it replies to was replaced or deleted. Drop this one instead."
                )
                .into()),
                Retried::Unknown => Err(unknown(id)),
            }
        }
    }
}

async fn drop_one(id: &str, store: &Store) -> Result<String, CommandError> {
    if store.drop_question(id).await.map_err(anyhow::Error::from)? {
        return Ok("Dropped. The question won't be answered.\n".to_owned());
    }
    match store.drop_outbox(id, crate::clock::now()).await.map_err(anyhow::Error::from)? {
        Dropped::Ended(1) => Ok("Dropped. The message won't be delivered.\n".to_owned()),
        Dropped::Ended(many) => {
            Ok(format!("Dropped, with {}. They won't be delivered.\n", more(many - 1)))
        }
        Dropped::UnderWay => {
            Err(anyhow::anyhow!("Nothing changed: the message is being sent. Try again in a minute.")
                .into())
        }
        Dropped::Finished => Err(anyhow::anyhow!("Nothing changed: the message was already delivered or replaced.").into()),
        Dropped::Unknown => Err(anyhow::anyhow!(
            "There is no message {id} in the outbox, and no question with this ID. Run `outbox list` to see the IDs."
        )
        .into()),
    }
}

/// Returns a remark about the messages that share the fate of one.
fn more(many: u64) -> String {
    if many == 1 {
        "1 message that belongs to it".to_owned()
    } else {
        format!("{many} messages that belong to it")
    }
}

/// Returns the number of attempts in words.
fn tries(many: i64) -> String {
    if many == 1 { "1 try".to_owned() } else { format!("{many} tries") }
}

fn question_line(question: &DeadQuestion) -> String {
    let error = question.last_error.as_deref().unwrap_or("reason unknown");
    format!(
        "{}  {} UTC  given up  question, {}: {error}\n",
        question.id,
        format_utc(question.received_at),
        tries(question.attempts)
    )
}

fn line(outgoing: &OutboxRow) -> String {
    let state = match outgoing.state {
        OutboxState::Due => "waits",
        OutboxState::Leased => "is being sent",
        OutboxState::Sent => "sent",
        OutboxState::Superseded => "replaced",
        OutboxState::Dead => "given up",
    };
    let why = outgoing.last_error.as_deref().unwrap_or("not tried yet");
    format!(
        "{}  {} UTC  {state}  {} to {} {}, {}: {why}\n",
        outgoing.id,
        format_utc(outgoing.created_at),
        outgoing.kind,
        outgoing.channel,
        outgoing.bot,
        tries(outgoing.attempts)
    )
}

/// Removes the reply handles, whose bearer can post in our name.
fn without_handles(body: &str) -> String {
    let Ok(mut body) = serde_json::from_str::<serde_json::Value>(body) else { return String::new() };
    redact(&mut body);
    serde_json::to_string_pretty(&body).unwrap_or_default()
}

fn redact(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, field) in fields {
                if name == "reply_handle" && !field.is_null() {
                    *field = "(redacted)".into();
                } else {
                    redact(field);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}
