//! A case file read as a story: what happened, in which order, and what follows from that.
//!
//! Knows nothing about causes. [`super::rank`] asks it questions.

use jiff::{SignedDuration, Timestamp};

use super::case_file::{CaseFile, RecordingStart};
use super::host::{HostSeen, host_seen};
use super::liveness;
use super::media;
use super::signals::{Signal, SignalSet};
use super::status::{EventCode, IgnoredCode, StatusChange, SubCode};
use super::timeline::Timeline;
use super::vocabulary::Platform;

/// The end that follows a refusal to record, and so proves one even where it is missing.
const LEFT_AFTER_DENIAL: &str = "timeout_exceeded_recording_permission_denied";

/// One bot's story.
pub(super) struct StatusHistory<'a> {
    pub(super) case: &'a CaseFile,
    pub(super) timeline: Timeline<'a>,
    pub(super) platform: Platform,
    /// Recording was started at some time.
    pub(super) recorded: bool,
    /// The bot was in the call, not only in its lobby.
    pub(super) in_call: bool,
    /// There is an end status.
    pub(super) ended: bool,
    /// The bot is still there.
    pub(super) live: bool,
    /// When it first came into the call.
    pub(super) entered_at: Option<Timestamp>,
    pub(super) host: HostSeen,
}

impl<'a> StatusHistory<'a> {
    pub(super) fn of(case: &'a CaseFile) -> Self {
        let timeline = Timeline::of(&case.status_changes);
        let recorded = case.has_video_link
            || timeline.has(&EventCode::InCallRecording)
            || timeline.has(&EventCode::RecordingDone)
            || media::started(case).next().is_some();
        let entered = timeline.iter().find(|change| {
            matches!(
                change.code,
                EventCode::InCallNotRecording | EventCode::PermissionAllowed | EventCode::InCallRecording
            )
        });
        let entered_at = entered.and_then(|change| change.at);
        let ended = timeline.iter().any(|change| change.code.is_end());
        let live = liveness::is_live(&timeline, &case.settings.leave, case.now);
        let host = host_seen(case, entered_at, uses_breakout_rooms(&timeline));
        Self {
            platform: platform(case),
            recorded,
            in_call: entered.is_some(),
            ended,
            live,
            entered_at,
            host,
            case,
            timeline,
        }
    }

    /// The last status that says where the bot is in its life.
    pub(super) fn state(&self) -> Option<&'a EventCode> {
        self.timeline.last_lifecycle().map(|change| &change.code)
    }

    /// When it was due to be in the meeting, as long as it has not been heard of there.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        self.case.join_at.or_else(|| self.timeline.last_lifecycle().and_then(|change| change.at))
    }

    /// Whether the one status that means something is the final one.
    pub(super) fn done_came_alone(&self) -> bool {
        let mut lifecycle = self.timeline.iter().filter(|change| change.code.is_lifecycle());
        self.timeline.has(&EventCode::Done)
            && lifecycle.all(|change| {
                matches!(change.code, EventCode::Done | EventCode::Ready | EventCode::MediaExpired)
                    && change.sub_code.is_none()
            })
    }

    /// The reason that the end of the call carries, wherever it stands.
    pub(super) fn end_sub_code(&self) -> Option<&'a SubCode> {
        let carried_by = |code: EventCode| {
            self.timeline.iter().rev().find(|change| change.code == code && change.sub_code.is_some())
        };
        carried_by(EventCode::CallEnded)
            .or_else(|| carried_by(EventCode::Done))
            .and_then(|change| change.sub_code.as_ref())
    }

    /// The last refusal to record that no permission and no recording followed.
    pub(super) fn standing_denial(&self) -> Option<&'a StatusChange> {
        let place = self.timeline.last_place(&EventCode::PermissionDenied)?;
        let undone =
            self.timeline.has_after(place, &EventCode::PermissionAllowed) || self.recorded_after(place);
        (!undone).then(|| self.timeline.at(place))
    }

    /// Whether a refusal has to have happened, though the history does not show it.
    pub(super) fn denial_is_missing(&self) -> bool {
        !self.timeline.has(&EventCode::PermissionDenied)
            && self.end_sub_code().is_some_and(|sub_code| sub_code.as_str() == LEFT_AFTER_DENIAL)
    }

    /// Whether Zoom's consent was ever a matter: asked and answered, or at least refused.
    pub(super) fn permission_was_a_matter(&self) -> bool {
        self.timeline.has(&EventCode::PermissionDenied)
            || self.timeline.has(&EventCode::PermissionAllowed)
            || self.denial_is_missing()
    }

    /// Whether it recorded, and the permission to go on was taken back for good.
    pub(super) fn permission_was_withdrawn(&self) -> bool {
        let last = self.timeline.last_place(&EventCode::PermissionDenied);
        last.map_or_else(
            || self.denial_is_missing(),
            |place| self.recorded_before(place) && !self.recorded_after(place),
        )
    }

    /// Whether it recorded, then sat in the call and never went on. Where the end came within less
    /// than `brief`, that was the end.
    pub(super) fn stopped_and_never_resumed(&self, brief: SignedDuration) -> bool {
        let Some(place) = self.timeline.last_place(&EventCode::InCallNotRecording) else { return false };
        let only_ended =
            || self.ended && self.timeline.lasted(place, None).is_some_and(|lasted| lasted < brief);
        self.recorded_before(place) && !self.recorded_after(place) && !only_ended()
    }

    /// Whether it was put back into the lobby after having been in the call.
    fn moved_back_to_lobby(&self) -> bool {
        self.timeline.last_place(&EventCode::InWaitingRoom).is_some_and(|place| {
            self.timeline.has_before(place, &EventCode::InCallNotRecording)
                || self.timeline.has_before(place, &EventCode::InCallRecording)
        })
    }

    /// How long it was in the call, without the lobby: until the end, or until now.
    pub(super) fn in_call_for(&self) -> Option<SignedDuration> {
        let until = self.timeline.ended_at().or_else(|| self.live.then_some(self.case.now))?;
        Some(until.duration_since(self.entered_at?)).filter(|length| !length.is_negative())
    }

    /// Everything that holds beside what is the headline.
    pub(super) fn circumstances(&self) -> SignalSet {
        let settings = &self.case.settings;
        let people = self.case.participants.learned().map(Vec::as_slice).unwrap_or_default();
        let denied_first = self
            .timeline
            .last_place(&EventCode::PermissionDenied)
            .is_some_and(|place| self.recorded_after(place) && !self.recorded_before(place));
        let mut set = SignalSet::default();
        set.insert_if(settings.join_token, Signal::JoinTokenConfigured);
        set.insert_if(settings.on_behalf_token, Signal::OnBehalfTokenConfigured);
        set.insert_if(settings.start == RecordingStart::Manual, Signal::ManualStart);
        set.insert_if(self.moved_back_to_lobby(), Signal::MovedBackToLobby);
        set.insert_if(
            people.iter().any(|person| person.signed_in == Some(false)),
            Signal::SomeoneNotSignedIn,
        );
        set.insert_if(self.recorded && denied_first, Signal::StartedLate);
        set.insert_if(media::started(self.case).count() > 1, Signal::SeveralRecordings);
        let kept_until = media::kept_until(self.case);
        set.insert_if(kept_until.is_some_and(|until| until < self.case.now), Signal::KeptUntilHasPassed);
        set.insert_if(self.done_came_alone(), Signal::DoneCameAlone);
        set.insert_if(uses_breakout_rooms(&self.timeline), Signal::BreakoutRoomsUsed);
        set
    }

    fn recorded_before(&self, place: usize) -> bool {
        let at = self.timeline.at(place).at;
        self.timeline.has_before(place, &EventCode::InCallRecording)
            || self.starts().any(|started_at| at.is_some_and(|at| started_at < at))
    }

    fn recorded_after(&self, place: usize) -> bool {
        let at = self.timeline.at(place).at;
        self.timeline.has_after(place, &EventCode::InCallRecording)
            || self.starts().any(|started_at| at.is_some_and(|at| started_at >= at))
    }

    fn starts(&self) -> impl Iterator<Item = Timestamp> {
        self.case.recordings.iter().filter_map(|recording| recording.started_at)
    }
}

fn uses_breakout_rooms(timeline: &Timeline<'_>) -> bool {
    timeline.iter().any(|change| {
        matches!(
            change.code,
            EventCode::Ignored(
                IgnoredCode::BreakoutRoomEntered
                    | IgnoredCode::BreakoutRoomLeft
                    | IgnoredCode::BreakoutRoomOpened
                    | IgnoredCode::BreakoutRoomClosed
            )
        )
    })
}

/// The platform by the meeting link, else by the prefix of a sub code.
fn platform(case: &CaseFile) -> Platform {
    if case.platform != Platform::Unknown {
        return case.platform;
    }
    let prefixes = [
        ("zoom_", Platform::Zoom),
        ("google_meet_", Platform::GoogleMeet),
        ("meet_media_", Platform::GoogleMeet),
        ("microsoft_teams_", Platform::MicrosoftTeams),
        ("webex_", Platform::Webex),
    ];
    case.status_changes
        .iter()
        .filter_map(|change| change.sub_code.as_ref())
        .find_map(|sub_code| {
            prefixes
                .iter()
                .find(|(prefix, _)| sub_code.as_str().starts_with(prefix))
                .map(|(_, platform)| *platform)
        })
        .unwrap_or(Platform::Unknown)
}
