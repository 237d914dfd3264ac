//! The closed vocabularies: outcome, actor, confidence, alert level, platform, and the naming of people.
//!
//! These words are part of the machine output and of the catalogue, so each has exactly one spelling, given
//! by `as_str`. Recall.ai's codes are an open vocabulary instead, in [`super::status`].

/// Declares an enum whose variants have one fixed spelling, used in TOML, JSON and text alike.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name { $($(#[$variant_meta])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the one spelling of this value in settings, catalogue and machine output.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Returns the value with this spelling, if there is one.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// What happened to the recording.
    Outcome {
        /// A recording exists from start to end, or existed and can be fetched.
        Recorded = "recorded",
        /// A recording exists and ends before the meeting did.
        PartlyRecorded = "partly_recorded",
        /// It is recording right now.
        Recording = "recording",
        /// It was recorded; the media is not ready yet.
        Processing = "processing",
        /// It was recorded, and the media failed, expired or was deleted.
        Lost = "lost",
        /// It ended, and nothing was recorded.
        NotRecorded = "not_recorded",
        /// Nothing is recorded so far, and it still can be.
        Pending = "pending",
        /// The history leaves it open.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// Who can fix it.
    Actor {
        /// The host of the meeting.
        Host = "host",
        /// Someone in the meeting who need not be its host.
        Participant = "participant",
        /// The administrator of the host's Zoom, Teams or Workspace account.
        AccountAdmin = "account_admin",
        /// The developers who operate the bots: the team that integrates Recall.ai.
        Developer = "developer",
        /// Recall.ai.
        Recall = "recall",
        /// Zoom, Google, Microsoft or Cisco.
        Platform = "platform",
        /// There is nothing to fix, or no one who could.
        Nobody = "nobody",
        /// It is unknown who can fix it.
        Unknown = "unknown",
    }
}

impl Actor {
    /// Returns `true` for the host, another participant, and the administrator of the host's account. They do not
    /// see the chat, so there is a page for them.
    #[must_use]
    pub const fn is_at_the_meeting(self) -> bool {
        matches!(self, Self::Host | Self::Participant | Self::AccountAdmin)
    }
}

vocabulary! {
    /// How sure the diagnosis is.
    Confidence {
        /// Recall.ai says so.
        Stated = "stated",
        /// It follows from what happened and from what did not.
        Inferred = "inferred",
        /// The best guess for an incomplete history.
        Guess = "guess",
    }
}

impl Confidence {
    /// Returns the next lower confidence. A guess stays a guess.
    #[must_use]
    pub const fn lowered(self) -> Self {
        match self {
            Self::Stated => Self::Inferred,
            Self::Inferred | Self::Guess => Self::Guess,
        }
    }
}

vocabulary! {
    /// How urgent an alert about a cause is.
    AlertLevel {
        /// Ordinary ends and successes, which cause no alert.
        Quiet = "quiet",
        /// Worth a message in the channel.
        Notify = "notify",
        /// Worth paging a person, because every meeting fails until it is fixed.
        Page = "page",
    }
}

vocabulary! {
    /// Advice on sending another bot.
    ResendAdvice {
        /// Sending a bot again, unchanged, is worthwhile.
        Yes = "yes",
        /// Only after the steps have been followed.
        AfterFix = "after_fix",
        /// It would end the same way, or there is nothing to repeat.
        No = "no",
    }
}

vocabulary! {
    /// The meeting platform.
    #[derive(Default)]
    Platform {
        /// Zoom, the only platform that asks a host for consent to record.
        Zoom = "zoom",
        /// Google Meet.
        GoogleMeet = "google_meet",
        /// Microsoft Teams, live events included.
        MicrosoftTeams = "microsoft_teams",
        /// Cisco Webex.
        Webex = "webex",
        /// GoTo Meeting.
        GotoMeeting = "goto_meeting",
        /// A Slack huddle.
        SlackHuddle = "slack_huddle",
        /// The platform is missing, or not one that we know.
        #[default]
        Unknown = "unknown",
    }
}

impl Platform {
    /// Returns the name as its maker writes it; `the meeting platform` if it is unknown.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Zoom => "Zoom",
            Self::GoogleMeet => "Google Meet",
            Self::MicrosoftTeams => "Microsoft Teams",
            Self::Webex => "Webex",
            Self::GotoMeeting => "GoTo Meeting",
            Self::SlackHuddle => "a Slack huddle",
            Self::Unknown => "the meeting platform",
        }
    }
}

vocabulary! {
    /// How messages name participants.
    ParticipantNames {
        /// They have no names: "the host", "a participant".
        Off = "off",
        /// By their initials.
        Initials = "initials",
        /// By the names that they chose.
        Full = "full",
    }
}
