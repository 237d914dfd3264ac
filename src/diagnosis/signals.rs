//! The closed list of facts that Rust derives from a case file and that the catalogue may name.
//!
//! The catalogue has no expression language. A condition that would need "and" or "or" there becomes a new
//! signal here.

use super::vocabulary::vocabulary;

vocabulary! {
    /// A fact about a bot that no sub code states.
    Signal {
        // Signals that may be the headline. The rules in `rank.rs` decide which one is.
        /// There is too little data for a diagnosis.
        InsufficientData = "insufficient_data",
        /// Its time to join is in the future, or has only just passed.
        NotJoinedYet = "not_joined_yet",
        /// Its time to join passed long ago, and it never appeared.
        NeverJoined = "never_joined",
        /// It is recording.
        RecordingNow = "recording_now",
        /// It recorded until an error stopped it.
        RecordedThenFatal = "recorded_then_fatal",
        /// It recorded until a person removed it.
        RecordedThenRemoved = "recorded_then_removed",
        /// It recorded until it was put back into the waiting room, and it never returned.
        RecordedThenMovedToWaitingRoom = "recorded_then_moved_to_waiting_room",
        /// It recorded until the permission was withdrawn.
        RecordedThenPermissionWithdrawn = "recorded_then_permission_withdrawn",
        /// It recorded, was paused or stopped, and never continued.
        RecordingPausedOrStopped = "recording_paused_or_stopped",
        /// There is a recording.
        Recorded = "recorded",
        /// There is a recording of only a few seconds.
        RecordedVeryShort = "recorded_very_short",
        /// The recording is still being made ready.
        RecordingProcessing = "recording_processing",
        /// The recording, or its video, could not be made.
        RecordingMediaFailed = "recording_media_failed",
        /// The recording was deleted at the end of its retention period.
        RecordingExpired = "recording_expired",
        /// The recording was deleted before the end of its retention period.
        RecordingDeleted = "recording_deleted",
        /// An error with an unknown code stopped it.
        FatalUnknown = "fatal_unknown",
        /// The history stops without an end, too long ago to be live.
        StuckNoEndStatus = "stuck_no_end_status",
        /// It is connecting.
        JoiningNow = "joining_now",
        /// It is waiting to be let in.
        WaitingRoomNow = "waiting_room_now",
        /// It waited, and the meeting ended before it was admitted.
        MeetingEndedBeforeAdmission = "meeting_ended_before_admission",
        /// It had been in the call, was put back into the waiting room, and stayed there to the end.
        MovedBackToWaitingRoom = "moved_back_to_waiting_room",
        /// The request to record was refused for an unknown reason.
        PermissionDeniedUnknown = "recording_permission_denied_unknown",
        /// Permission was granted, and recording never started.
        AllowedButNeverStarted = "allowed_but_never_started",
        /// Permission was granted, and recording has not started yet.
        AllowedStartingNow = "allowed_starting_now",
        /// It is in a Zoom call, and its request has had no reply yet.
        InCallWaitingForPermission = "in_call_waiting_for_permission",
        /// It is in a call on another platform and not recording yet.
        InCallNotRecordingNow = "in_call_not_recording_now",
        /// It records only on command, and the command never came.
        ManualStartNeverStarted = "manual_start_never_started",
        /// Zoom never asked for permission, and no one in the call was its host.
        NoRecognisedHost = "no_recognised_host",
        /// Zoom never asked for permission, and a person says that the host was not there.
        HostNotPresent = "host_not_present",
        /// Zoom never asked for permission, and a person says that the host was there.
        HostSignedIntoOtherAccount = "host_signed_into_other_account",
        /// Zoom never asked for permission, although the host was there.
        HostPresentNeverAsked = "host_present_never_asked",
        /// The host left as the bot joined.
        HostLeftBeforeConsent = "host_left_before_consent",
        /// Zoom never asked for permission, and it is unknown if the host was there.
        NeverAskedHostUnknown = "never_asked_host_unknown",
        /// The meeting ended within a minute of the bot's entry.
        MeetingEndedBeforeRecording = "meeting_ended_before_recording",
        /// It was in the call to the end and never recorded, on a platform that needs no consent.
        NeverStartedRecording = "never_started_recording",
        /// It ended before it was in the call, for an unknown reason.
        CallEndedUnknown = "call_ended_unknown",
        /// The transcript failed for an unknown reason.
        TranscriptFailed = "transcript_failed",
        /// The transcript is still being made.
        TranscriptProcessing = "transcript_processing",
        /// No transcript was requested.
        TranscriptNotRequested = "transcript_not_requested",

        // Circumstances: they add a sentence or open an alternative.
        /// A Zoom join token is configured, which should make the question to the host unnecessary.
        JoinTokenConfigured = "join_token_configured",
        /// The bot acts on behalf of a Zoom user, who has to be in the meeting.
        OnBehalfTokenConfigured = "on_behalf_token_configured",
        /// The platform of the meeting is unknown.
        PlatformUnknown = "platform_unknown",
        /// The bot receives the meeting as a stream, which needs no consent from anyone in the meeting.
        CarriedAsStream = "carried_as_stream",
        /// The bot is still in the meeting or its lobby.
        StillThere = "still_there",
        /// Something was recorded before.
        RecordedBefore = "recorded_before",
        /// Only a part of the history is known.
        HistoryInPart = "history_in_part",
        /// Its only statuses are ones that leave open where it is.
        OnlyUnknownStatuses = "only_unknown_statuses",
        /// It was in the waiting room.
        WaitedInLobby = "waited_in_lobby",
        /// Recording started minutes after the bot's entry into the call, without a refusal before.
        BeganLate = "began_late",
        /// The bot records only on command.
        ManualStart = "manual_start",
        /// The bot had been in the call and was put back into the lobby.
        MovedBackToLobby = "moved_back_to_lobby",
        /// At least one participant was not signed in to Zoom.
        SomeoneNotSignedIn = "someone_not_signed_in",
        /// Recording started minutes after the bot's entry into the call, and the host joined minutes after
        /// the bot.
        HostCameLate = "host_came_late",
        /// Recording started minutes after the bot's entry into the call, as soon as the first person joined.
        EverybodyCameLate = "everybody_came_late",
        /// Recording started minutes after the bot's entry into the call, and waits for a command.
        CommandCameLate = "command_came_late",
        /// Recording started minutes after the bot's entry into the call, as soon as it was allowed.
        PermissionCameLate = "permission_came_late",
        /// The host joined minutes after the bot, and nothing was recorded.
        HostCameLater = "host_came_later",
        /// It recorded, after minutes in the waiting room.
        AdmittedLate = "admitted_late",
        /// Recording was interrupted and continued.
        Interrupted = "interrupted",
        /// Recording was interrupted, because the permission was withdrawn for a time.
        InterruptedByRefusal = "interrupted_by_refusal",
        /// Recording was interrupted, because the bot was put back into the lobby for a time.
        InterruptedByLobby = "interrupted_by_lobby",
        /// Recording was interrupted, for neither of these reasons.
        PausedAndResumed = "paused_and_resumed",
        /// Recording stopped before the bot left.
        MissingAtTheEnd = "missing_at_the_end",
        /// Recording has stopped, and the bot is still there.
        InterruptedNow = "interrupted_now",
        /// A timer of the bot ended its stay while a person was still there.
        PeopleStayed = "people_stayed",
        /// The bot's own recording limit ended it.
        LeftAtItsOwnLimit = "left_at_its_own_limit",
        /// A timer of the bot ended its stay.
        EndedByTimer = "ended_by_timer",
        /// All participants seemed to leave while breakout rooms were open.
        LeftForBreakoutRooms = "left_for_breakout_rooms",
        /// A mail filter rewrote the bot's meeting link, and the bot never reached the meeting.
        LinkRewritten = "link_rewritten",
        /// A request to record was refused before it was granted.
        StartedLate = "started_late",
        /// The bot has several recordings.
        SeveralRecordings = "several_recordings",
        /// The retention period has passed, without a report of a deletion.
        KeptUntilHasPassed = "kept_until_has_passed",
        /// The transcript reported as failed is still listed as being made, long after it should have been
        /// ready.
        TranscriptOverdue = "transcript_overdue",
        /// The final status is the only one in the history.
        DoneCameAlone = "done_came_alone",
        /// Breakout rooms were used, which make people seem to leave.
        BreakoutRoomsUsed = "breakout_rooms_used",
    }
}

/// The signals that hold for one bot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignalSet(u128);

const _: () = assert!(Signal::ALL.len() <= 128, "a SignalSet has one bit for each signal");

impl SignalSet {
    /// Adds a signal.
    pub const fn insert(&mut self, signal: Signal) {
        self.0 |= 1 << signal as u128;
    }

    /// Returns the signals of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Adds a signal if its condition holds.
    pub const fn insert_if(&mut self, holds: bool, signal: Signal) {
        if holds {
            self.insert(signal);
        }
    }

    /// Returns `true` if the signal is in the set.
    #[must_use]
    pub const fn has(self, signal: Signal) -> bool {
        self.0 & (1 << signal as u128) != 0
    }
}

impl Signal {
    /// Returns `true` if this signal only adds to a diagnosis and is never its headline.
    #[must_use]
    pub const fn is_circumstance(self) -> bool {
        matches!(
            self,
            Self::JoinTokenConfigured
                | Self::OnBehalfTokenConfigured
                | Self::PlatformUnknown
                | Self::CarriedAsStream
                | Self::StillThere
                | Self::RecordedBefore
                | Self::HistoryInPart
                | Self::OnlyUnknownStatuses
                | Self::WaitedInLobby
                | Self::BeganLate
                | Self::ManualStart
                | Self::MovedBackToLobby
                | Self::SomeoneNotSignedIn
                | Self::HostCameLate
                | Self::EverybodyCameLate
                | Self::CommandCameLate
                | Self::PermissionCameLate
                | Self::HostCameLater
                | Self::AdmittedLate
                | Self::Interrupted
                | Self::InterruptedByRefusal
                | Self::InterruptedByLobby
                | Self::PausedAndResumed
                | Self::MissingAtTheEnd
                | Self::InterruptedNow
                | Self::PeopleStayed
                | Self::LeftAtItsOwnLimit
                | Self::EndedByTimer
                | Self::LeftForBreakoutRooms
                | Self::LinkRewritten
                | Self::StartedLate
                | Self::SeveralRecordings
                | Self::KeptUntilHasPassed
                | Self::TranscriptOverdue
                | Self::DoneCameAlone
                | Self::BreakoutRoomsUsed
        )
    }
}
