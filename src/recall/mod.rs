//! The only module that depends on Recall.ai. Its JSON does not leave this module, nor do links and passcodes
//! of meetings.

mod actions;
mod attendance;
mod body;
mod bot_json;
mod budget;
mod case_file;
mod client;
mod client_config;
mod download;
mod error;
pub mod event;
mod fetch;
mod files;
mod lenient;
mod listing;
mod meeting_link;
mod participant_events;
mod participants;
mod pause;
mod person;
mod platform;
mod projection;
mod recognise;
mod scalar;
mod transport;
pub mod webhook;
mod webhook_log;
mod wire;

pub use actions::{ActionError, Happened, IdempotencyKey, MeetingAction, NotInCall, Reason, Recipient};
pub use body::BYTES_MAX;
pub use bot_json::NotABot;
pub use budget::Budget;
pub use case_file::case_file_from_json;
pub use client::{RecallClient, SetupError, WorkspaceAccess, dashboard_url};
pub use client_config::ClientConfig;
pub use error::FetchError;
pub use fetch::{BotSummary, Fetcher, MeetingBots};
pub use files::{BotsFile, NotParticipants, bots_from_json, check_participants};
pub use listing::{BotList, Cursor, ListPage, ListedBot};
pub use pause::PauseStore;
pub use projection::{ApiSnapshot, case_file_from_events, holds};
pub use recognise::FileKind;
pub use webhook_log::{NoWebhooks, WebhookLog, read_webhooks};
