//! The closed list of facts that Rust derives from a case file and that the catalogue may name.
//!
//! There is no expression language in the catalogue: what would be an "and" or an "or" there is a
//! new signal here.

use super::vocabulary::vocabulary;

vocabulary! {
    /// A fact about a bot that no sub code states.
    Signal {
        // What may be the headline. The rules in `rank.rs` decide which one is.
        /// There is too little to reason on.
        InsufficientData = "insufficient_data",
        /// Its time to join lies ahead, or has only just come.
        NotJoinedYet = "not_joined_yet",
        /// Its time to join is long past, and it never showed up.
        NeverJoined = "never_joined",
        /// It is recording.
        RecordingNow = "recording_now",
        /// It recorded until an error stopped it.
        RecordedThenFatal = "recorded_then_fatal",
        /// It recorded until somebody removed it.
        RecordedThenRemoved = "recorded_then_removed",
        /// It recorded until it was put back into the waiting room, and it never came back.
        RecordedThenMovedToWaitingRoom = "recorded_then_moved_to_waiting_room",
        /// It recorded until the permission was taken back.
        RecordedThenPermissionWithdrawn = "recorded_then_permission_withdrawn",
        /// It recorded, was paused or stopped, and never went on.
        RecordingPausedOrStopped = "recording_paused_or_stopped",
        /// A recording is there.
        Recorded = "recorded",
        /// A recording is there, and lasts a few seconds.
        RecordedVeryShort = "recorded_very_short",
        /// The recording is still being made ready.
        RecordingProcessing = "recording_processing",
        /// The recording, or its video, could not be made.
        RecordingMediaFailed = "recording_media_failed",
        /// The recording was deleted when its time was up.
        RecordingExpired = "recording_expired",
        /// The recording was deleted before its time.
        RecordingDeleted = "recording_deleted",
        /// An error stopped it, and its code is not known.
        FatalUnknown = "fatal_unknown",
        /// The history stops without an end, too long ago to be live.
        StuckNoEndStatus = "stuck_no_end_status",
        /// It is connecting.
        JoiningNow = "joining_now",
        /// It is waiting to be let in.
        WaitingRoomNow = "waiting_room_now",
        /// It waited, and the meeting ended before anybody let it in.
        MeetingEndedBeforeAdmission = "meeting_ended_before_admission",
        /// It had been in the call, was put back into the waiting room, and stayed there to the end.
        MovedBackToWaitingRoom = "moved_back_to_waiting_room",
        /// The request to record was refused for a reason that is not known.
        PermissionDeniedUnknown = "recording_permission_denied_unknown",
        /// Permission was granted, and recording never began.
        AllowedButNeverStarted = "allowed_but_never_started",
        /// Permission has been granted, and recording has not begun yet.
        AllowedStartingNow = "allowed_starting_now",
        /// It is in a Zoom call, and nobody has answered yet.
        InCallWaitingForPermission = "in_call_waiting_for_permission",
        /// It is in a call elsewhere and not recording yet.
        InCallNotRecordingNow = "in_call_not_recording_now",
        /// It records only on command, and the command never came.
        ManualStartNeverStarted = "manual_start_never_started",
        /// Zoom never asked anybody, and nobody in the call was its host.
        NoRecognisedHost = "no_recognised_host",
        /// The same, and a person says that the host was not there.
        HostNotPresent = "host_not_present",
        /// The same, and a person says that the host was there.
        HostSignedIntoOtherAccount = "host_signed_into_other_account",
        /// Zoom never asked, although the host was there.
        HostPresentNeverAsked = "host_present_never_asked",
        /// The host left as the bot came in.
        HostLeftBeforeConsent = "host_left_before_consent",
        /// Zoom never asked, and it is not known whether the host was there.
        NeverAskedHostUnknown = "never_asked_host_unknown",
        /// The meeting ended within a minute of the bot getting in.
        MeetingEndedBeforeRecording = "meeting_ended_before_recording",
        /// It was in the call to the end and never recorded, where no consent is needed.
        NeverStartedRecording = "never_started_recording",
        /// It ended before it was in the call, for a reason that is not known.
        CallEndedUnknown = "call_ended_unknown",
        /// The transcript failed for a reason that is not known.
        TranscriptFailed = "transcript_failed",
        /// The transcript is still being made.
        TranscriptProcessing = "transcript_processing",
        /// No transcript was asked for.
        TranscriptNotRequested = "transcript_not_requested",

        // Circumstances: they add a sentence or open an alternative.
        /// A Zoom join token is configured, which should spare the question to the host.
        JoinTokenConfigured = "join_token_configured",
        /// The bot acts on behalf of a Zoom user, who has to be in the meeting.
        OnBehalfTokenConfigured = "on_behalf_token_configured",
        /// Nothing tells on which platform the meeting is.
        PlatformUnknown = "platform_unknown",
        /// The bot gets the meeting as a stream, for which nobody in the meeting is asked.
        CarriedAsStream = "carried_as_stream",
        /// The bot is still in the meeting or its lobby.
        StillThere = "still_there",
        /// Something was recorded before.
        RecordedBefore = "recorded_before",
        /// Only a part of the history is known.
        HistoryInPart = "history_in_part",
        /// It was heard of, and only with statuses that say nothing of where it is.
        OnlyUnknownStatuses = "only_unknown_statuses",
        /// It was in the waiting room.
        WaitedInLobby = "waited_in_lobby",
        /// Recording began minutes after it was in the call, and nobody had refused before.
        BeganLate = "began_late",
        /// The bot records only on command.
        ManualStart = "manual_start",
        /// The bot had been in the call and was put back into the lobby.
        MovedBackToLobby = "moved_back_to_lobby",
        /// At least one participant was not signed in to Zoom.
        SomeoneNotSignedIn = "someone_not_signed_in",
        /// Recording began minutes after the bot was in the call, and the host came minutes after the bot.
        HostCameLate = "host_came_late",
        /// Recording began minutes after the bot was in the call, as soon as somebody was there.
        EverybodyCameLate = "everybody_came_late",
        /// Recording began minutes after the bot was in the call, and waits for a command.
        CommandCameLate = "command_came_late",
        /// Recording began minutes after the bot was in the call, as soon as it was allowed.
        PermissionCameLate = "permission_came_late",
        /// The host came minutes after the bot, and nothing was recorded.
        HostCameLater = "host_came_later",
        /// It recorded, and had been in the waiting room for minutes before.
        AdmittedLate = "admitted_late",
        /// Recording was interrupted and went on.
        Interrupted = "interrupted",
        /// The same, because the permission was taken back for a time.
        InterruptedByRefusal = "interrupted_by_refusal",
        /// The same, because the bot was put back into the lobby for a time.
        InterruptedByLobby = "interrupted_by_lobby",
        /// The same, for neither of these reasons.
        PausedAndResumed = "paused_and_resumed",
        /// Recording stopped before the bot left.
        MissingAtTheEnd = "missing_at_the_end",
        /// Recording has stopped, and the bot is still there.
        InterruptedNow = "interrupted_now",
        /// A timer of the bot ended its stay, and somebody was still there.
        PeopleStayed = "people_stayed",
        /// The bot's own limit of recording ended it.
        LeftAtItsOwnLimit = "left_at_its_own_limit",
        /// A timer of the bot ended its stay.
        EndedByTimer = "ended_by_timer",
        /// Everybody seemed to leave while breakout rooms were open.
        LeftForBreakoutRooms = "left_for_breakout_rooms",
        /// The link that the bot was given was rewritten by a mail filter, and the bot got nowhere.
        LinkRewritten = "link_rewritten",
        /// A request to record was refused before it was granted.
        StartedLate = "started_late",
        /// There are several recordings.
        SeveralRecordings = "several_recordings",
        /// The time until which media is kept has passed, without word of a deletion.
        KeptUntilHasPassed = "kept_until_has_passed",
        /// Nothing but the final status is in the history.
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

    /// The signals of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Adds a signal where it holds.
    pub const fn insert_if(&mut self, holds: bool, signal: Signal) {
        if holds {
            self.insert(signal);
        }
    }

    /// Whether a signal holds.
    #[must_use]
    pub const fn has(self, signal: Signal) -> bool {
        self.0 & (1 << signal as u128) != 0
    }
}

impl Signal {
    /// Whether this signal only adds to a diagnosis and never is its headline.
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
                | Self::DoneCameAlone
                | Self::BreakoutRoomsUsed
        )
    }
}
