//! Status changes read as a history: what happened, in which order, and what follows from it.
//!
//! This module does not depend on causes; [`super::rank`] queries it.

use jiff::{SignedDuration, Timestamp};

use super::case_file::{CaseFile, History, Recording, RecordingStart};
use super::host::{HostSeen, host_seen};
use super::liveness;
use super::media;
use super::signals::{Signal, SignalSet};
use super::status::{EventCode, IgnoredCode, StatusChange, SubCode};
use super::timeline::Timeline;
use super::timers::{Timer, timer_of};
use super::vocabulary::Platform;

/// The end that follows a refusal to record, and so proves one even if the refusal is missing.
const LEFT_AFTER_DENIAL: &str = "timeout_exceeded_recording_permission_denied";

/// Ends that are only possible for a bot in the call, whatever else is known about it.
const PROVES_IN_CALL: [&str; 8] = [
    "bot_kicked_from_call",
    "timeout_exceeded_everyone_left",
    "timeout_exceeded_in_call_not_recording",
    "timeout_exceeded_in_call_recording",
    "timeout_exceeded_silence_detected",
    "timeout_exceeded_only_bots_in_call",
    "timeout_exceeded_only_bots_detected_using_participant_events",
    "timeout_exceeded_only_bots_detected_using_participant_names",
];
/// The refusal of a request from the waiting room, where the bot is not in the call.
const ASKED_FROM_LOBBY: &str = "zoom_bot_in_waiting_room";
/// The end after all participants left: the only one of the bot's own timers that is about the meeting.
const EVERYONE_LEFT: &str = "timeout_exceeded_everyone_left";
/// The end by the bot's own recording limit.
pub(super) const OWN_LIMIT: &str = "timeout_exceeded_in_call_recording";
/// The prefix of the ends that the bot's own timers cause.
const OWN_TIMER: &str = "timeout_exceeded_";

/// One bot's history.
pub(super) struct StatusHistory<'a> {
    pub(super) case: &'a CaseFile,
    pub(super) timeline: Timeline<'a>,
    pub(super) platform: Platform,
    /// `true` if an event that is missing did not happen. If `false`, rules that rest on absence do not
    /// apply.
    pub(super) whole: bool,
    /// `true` if recording was started at some time.
    pub(super) recorded: bool,
    /// `true` if the bot was in the call, and not only in its lobby.
    pub(super) in_call: bool,
    /// `true` if there is an end status.
    pub(super) ended: bool,
    /// `true` if the bot is still there.
    pub(super) live: bool,
    /// The time at which it first entered the call.
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
        // A bot that asks for permission is in the call, even if the status that shows it is missing.
        let entered = timeline.iter().find(|change| {
            change.code.is_in_call()
                || change.code == EventCode::PermissionDenied && !change.has_sub_code(ASKED_FROM_LOBBY)
        });
        let entered_at = entered.and_then(|change| change.at);
        let ended = timeline.iter().any(|change| change.code.is_end());
        let end_proves = timeline.iter().any(|change| {
            change.code.is_end() && PROVES_IN_CALL.iter().any(|sub_code| change.has_sub_code(sub_code))
        });
        let live = liveness::is_live(&timeline, &case.settings.leave, case.now);
        let host = host_seen(case, entered_at, uses_breakout_rooms(&timeline));
        Self {
            platform: platform(case),
            whole: case.history == History::Whole,
            recorded,
            in_call: entered.is_some() || end_proves,
            ended,
            live,
            entered_at,
            host,
            case,
            timeline,
        }
    }

    /// Returns the last status that shows where the bot is in its life.
    pub(super) fn state(&self) -> Option<&'a EventCode> {
        self.timeline.last_lifecycle().map(|change| &change.code)
    }

    /// Returns when it was due to be in the meeting, if no event from there has arrived yet.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        self.case.join_at.or_else(|| self.timeline.last_lifecycle().and_then(|change| change.at))
    }

    /// Returns `true` if the final status is the only meaningful one.
    pub(super) fn done_came_alone(&self) -> bool {
        let mut lifecycle = self.timeline.iter().filter(|change| change.code.is_lifecycle());
        self.timeline.has(&EventCode::Done)
            && lifecycle.all(|change| {
                matches!(change.code, EventCode::Done | EventCode::Ready | EventCode::MediaExpired)
                    && change.sub_code.is_none()
            })
    }

    /// Returns the reason of the end of the call, wherever it is in the list.
    pub(super) fn end_sub_code(&self) -> Option<&'a SubCode> {
        let carried_by = |code: EventCode| {
            self.timeline.iter().rev().find(|change| change.code == code && change.sub_code.is_some())
        };
        carried_by(EventCode::CallEnded)
            .or_else(|| carried_by(EventCode::Done))
            .and_then(|change| change.sub_code.as_ref())
    }

    /// Returns the last refusal to record that no permission and no recording followed.
    pub(super) fn standing_denial(&self) -> Option<&'a StatusChange> {
        let place = self.timeline.last_place(&EventCode::PermissionDenied)?;
        let undone =
            self.timeline.has_after(place, &EventCode::PermissionAllowed) || self.recorded_after(place);
        (!undone).then(|| self.timeline.at(place))
    }

    /// Returns `true` if a refusal must have happened although the history lacks it, or shows that it was
    /// undone.
    pub(super) fn denial_is_missing(&self) -> bool {
        self.standing_denial().is_none() && self.ended_with(LEFT_AFTER_DENIAL)
    }

    /// Returns `true` if one of the bot's own timers ended it, and not the meeting.
    pub(super) fn ended_by_own_timer(&self) -> bool {
        self.end_sub_code().is_some_and(|sub_code| {
            sub_code.as_str().starts_with(OWN_TIMER) && sub_code.as_str() != EVERYONE_LEFT
        })
    }

    /// Returns the bot's own timer that ended its stay, if one did.
    pub(super) fn timer(&self) -> Option<Timer> {
        timer_of(self.end_sub_code()?, &self.case.settings.leave)
    }

    /// Returns the last fatal error with a known code, else the last one with an unknown code.
    pub(super) fn fatal(&self, is_known: impl Fn(&SubCode) -> bool) -> Option<&'a StatusChange> {
        let fatals = || self.timeline.iter().rev().filter(|change| change.code == EventCode::Fatal);
        let known = fatals().find(|change| change.sub_code.as_ref().is_some_and(&is_known));
        known.or_else(|| fatals().next())
    }

    /// Returns `true` if no status has arrived since the bot was created, not even an unknown one.
    pub(super) fn shows_no_life(&self) -> bool {
        self.timeline.iter().all(|change| change.code == EventCode::Ready)
    }

    /// Returns `true` if a request to record was refused, because the history or its end shows it.
    pub(super) fn was_refused(&self) -> bool {
        self.timeline.has(&EventCode::PermissionDenied) || self.denial_is_missing()
    }

    /// Returns `true` if it recorded, and the permission was then withdrawn for good.
    pub(super) fn permission_was_withdrawn(&self) -> bool {
        let last = self.timeline.last_place(&EventCode::PermissionDenied);
        self.denial_is_missing()
            || last.is_some_and(|place| self.recorded_before(place) && !self.recorded_after(place))
    }

    /// Returns `true` if it recorded, then stayed in the call without recording. A stop within `brief` of the
    /// end counts as the end.
    pub(super) fn stopped_and_never_resumed(&self, brief: SignedDuration) -> bool {
        let Some(place) = self.timeline.last_place(&EventCode::InCallNotRecording) else { return false };
        // Recall.ai's work on the recording meanwhile does not end the pause.
        let only_ended = || {
            let stopped_for = self.timeline.ended_at().zip(self.timeline.at(place).at);
            stopped_for.is_some_and(|(ended_at, stopped_at)| ended_at.duration_since(stopped_at) < brief)
        };
        self.recorded_before(place) && !self.recorded_after(place) && !only_ended()
    }

    /// Returns `true` if it was put back into the lobby after it had been in the call.
    fn moved_back_to_lobby(&self) -> bool {
        self.last_lobby().is_some_and(|place| self.timeline.was_in_call_before(place))
    }

    /// Returns `true` if it was put back into the lobby and never entered the call again.
    pub(super) fn stayed_in_lobby(&self) -> bool {
        self.lobby_to_the_end().is_some_and(|place| self.timeline.was_in_call_before(place))
    }

    /// Returns `true` if it was put back into the lobby for good after it had recorded.
    pub(super) fn recorded_and_stayed_in_lobby(&self) -> bool {
        self.lobby_to_the_end()
            .is_some_and(|place| self.recorded_before(place) && !self.recorded_after(place))
    }

    /// Returns the index of its last stay in the waiting room.
    fn last_lobby(&self) -> Option<usize> {
        self.timeline.last_place(&EventCode::InWaitingRoom)
    }

    /// Returns the index of its last stay in the waiting room, if it never entered the call after that.
    fn lobby_to_the_end(&self) -> Option<usize> {
        self.last_lobby().filter(|place| !self.timeline.is_in_call_after(*place))
    }

    /// Returns `true` if a host has to allow the recording: on Zoom, where the bot is an app in the meeting.
    pub(super) fn asks_for_consent(&self) -> bool {
        self.platform == Platform::Zoom && !self.case.is_stream
    }

    /// Returns `true` if Recall.ai reports of every recording that it could not be captured.
    pub(super) fn captured_nothing(&self) -> bool {
        let recordings = &self.case.recordings;
        self.in_call && !recordings.is_empty() && recordings.iter().all(media::could_not_be_captured)
    }

    /// Returns how long it was in the call, without the lobby: until the end, or until now.
    pub(super) fn in_call_for(&self) -> Option<SignedDuration> {
        let until = self.timeline.ended_at().or_else(|| self.live.then_some(self.case.now))?;
        Some(until.duration_since(self.entered_at?)).filter(|length| !length.is_negative())
    }

    /// Returns the delay between its entry into the call and the start of recording, if known.
    pub(super) fn late_by(&self) -> Option<SignedDuration> {
        let (from, _) = media::recorded_span(self.case, &self.timeline);
        Some(from?.duration_since(self.entered_at?)).filter(SignedDuration::is_positive)
    }

    /// Returns how long after its entry into the call it got the permission that recording followed.
    pub(super) fn allowed_after(&self) -> Option<SignedDuration> {
        let allowed = self.timeline.first(&EventCode::PermissionAllowed)?;
        Some(allowed.at?.duration_since(self.entered_at?)).filter(|after| !after.is_negative())
    }

    /// Returns how long it waited in the lobby before its first entry into the call.
    pub(super) fn waited_before_entry(&self) -> Option<SignedDuration> {
        let first = self.timeline.first(&EventCode::InWaitingRoom)?;
        Some(self.entered_at?.duration_since(first.at?)).filter(|_| !self.moved_back_to_lobby())
    }

    /// Returns `true` if a request to record was refused before the first recording started. A bot that asks
    /// from the lobby was not refused by a person.
    pub(super) fn was_refused_before_it_recorded(&self) -> bool {
        self.timeline.last_place(&EventCode::PermissionDenied).is_some_and(|place| {
            self.recorded_after(place)
                && !self.recorded_before(place)
                && !self.timeline.at(place).has_sub_code(ASKED_FROM_LOBBY)
        })
    }

    /// Returns `true` if a listed recording started at this time or later.
    pub(super) fn began_at_or_after(&self, at: Timestamp) -> bool {
        self.starts().any(|started_at| started_at >= at)
    }

    fn ended_with(&self, code: &str) -> bool {
        self.end_sub_code().is_some_and(|sub_code| sub_code.as_str() == code)
    }

    /// Returns `true` if all participants seemed to leave while breakout rooms were open.
    fn left_for_breakout_rooms(&self) -> bool {
        let rooms = self.timeline.iter().rev().find(|change| is_breakout_room(&change.code));
        let open =
            rooms.is_some_and(|change| change.code == EventCode::Ignored(IgnoredCode::BreakoutRoomOpened));
        open && self.ended_with(EVERYONE_LEFT)
    }

    /// Returns every signal that holds beside the headline and the missing parts.
    pub(super) fn circumstances(&self) -> SignalSet {
        let settings = &self.case.settings;
        let people = self.case.participants.learned().map(Vec::as_slice).unwrap_or_default();
        let mut set = SignalSet::default();
        set.insert_if(self.case.may_be_on_any_platform(self.platform), Signal::PlatformUnknown);
        set.insert_if(self.case.is_stream, Signal::CarriedAsStream);
        set.insert_if(!self.whole, Signal::HistoryInPart);
        set.insert_if(self.timeline.is_unborn() && !self.shows_no_life(), Signal::OnlyUnknownStatuses);
        set.insert_if(self.timeline.has(&EventCode::InWaitingRoom), Signal::WaitedInLobby);
        set.insert_if(self.live, Signal::StillThere);
        set.insert_if(self.recorded, Signal::RecordedBefore);
        set.insert_if(settings.join_token, Signal::JoinTokenConfigured);
        set.insert_if(settings.on_behalf_token, Signal::OnBehalfTokenConfigured);
        set.insert_if(settings.start == RecordingStart::Manual, Signal::ManualStart);
        set.insert_if(self.moved_back_to_lobby(), Signal::MovedBackToLobby);
        set.insert_if(
            people.iter().any(|person| person.signed_in == Some(false)),
            Signal::SomeoneNotSignedIn,
        );
        set.insert_if(media::started(self.case).count() > 1, Signal::SeveralRecordings);
        let kept_until = media::kept_until(self.case);
        set.insert_if(kept_until.is_some_and(|until| until < self.case.now), Signal::KeptUntilHasPassed);
        let overdue = media::failed_transcript_is_overdue(self.case, &self.timeline);
        set.insert_if(overdue, Signal::TranscriptOverdue);
        set.insert_if(self.done_came_alone(), Signal::DoneCameAlone);
        set.insert_if(uses_breakout_rooms(&self.timeline), Signal::BreakoutRoomsUsed);
        set.insert_if(self.timer().is_some(), Signal::EndedByTimer);
        set.insert_if(self.ended_with(OWN_LIMIT), Signal::LeftAtItsOwnLimit);
        set.insert_if(self.left_for_breakout_rooms(), Signal::LeftForBreakoutRooms);
        // A bot that waits in the lobby has found the meeting.
        let got_nowhere = !self.in_call && !self.recorded && !self.timeline.has(&EventCode::InWaitingRoom);
        set.insert_if(got_nowhere && self.case.link_rewritten_by.is_some(), Signal::LinkRewritten);
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
    timeline.iter().any(|change| is_breakout_room(&change.code))
}

const fn is_breakout_room(code: &EventCode) -> bool {
    matches!(
        code,
        EventCode::Ignored(
            IgnoredCode::BreakoutRoomEntered
                | IgnoredCode::BreakoutRoomLeft
                | IgnoredCode::BreakoutRoomOpened
                | IgnoredCode::BreakoutRoomClosed
        )
    )
}

/// Returns the platform that Recall.ai reports. Without one, the prefix of a sub code decides, else a status
/// that only one platform has.
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
    let of_media = case.recordings.iter().flat_map(Recording::sub_codes);
    let sub_codes = case.status_changes.iter().filter_map(|change| change.sub_code.as_ref()).chain(of_media);
    let by_prefix = |sub_code: &SubCode| {
        let prefix = prefixes.iter().find(|(prefix, _)| sub_code.as_str().starts_with(prefix));
        prefix.map(|(_, platform)| *platform)
    };
    // Only Zoom asks for permission to record, or has breakout rooms that Recall.ai reports.
    let is_zooms = |change: &StatusChange| {
        matches!(change.code, EventCode::PermissionAllowed | EventCode::PermissionDenied)
            || is_breakout_room(&change.code)
    };
    let zoom = || case.status_changes.iter().any(is_zooms).then_some(Platform::Zoom);
    let people = case.participants.learned().map(Vec::as_slice).unwrap_or_default();
    let by_person = || people.iter().find_map(|person| person.told_by);
    sub_codes.filter_map(by_prefix).next().or_else(by_person).or_else(zoom).unwrap_or(Platform::Unknown)
}
