//! A hundred kills while questions are answered, for any platform. Figures, printed, and the rule that nothing
//! is lost and nothing doubled.

use std::time::Duration;

use crate::slack::surviving::Program;

const ROUNDS: usize = 100;
const QUESTIONS_A_ROUND: usize = 3;
/// The verdict, and the details in its thread.
const MESSAGES: usize = 2;

/// A platform on this machine, as somebody who asks in many channels sees it.
pub trait Platform {
    fn start(&self) -> Program;

    /// Asks in the channel with this number, where nobody else asks; ends when it is acknowledged.
    async fn ask(&self, program: &Program, channel: usize);

    /// Messages in the channel and its threads.
    fn messages(&self, channel: usize) -> usize;

    /// Ends when every one of so many channels has its answer.
    async fn answered(&self, channels: usize);

    /// Whether a channel has its answer.
    fn is_answered(&self, channel: usize) -> bool {
        self.messages(channel) >= MESSAGES
    }
}

/// Three questions a round; the program is killed while it answers them.
pub async fn measure(name: &str, platform: &impl Platform) {
    let all = ROUNDS * QUESTIONS_A_ROUND;
    for round in 0..ROUNDS {
        let program = platform.start();
        for question in 0..QUESTIONS_A_ROUND {
            platform.ask(&program, round * QUESTIONS_A_ROUND + question).await;
        }
        // Anywhere between the first acknowledgement and the last record.
        tokio::time::sleep(Duration::from_millis(round as u64 * 7919 % 120)).await;
        program.kill();
    }
    let before = (0..all).filter(|channel| platform.is_answered(*channel)).count();
    let _program = platform.start();
    platform.answered(all).await;
    let messages: Vec<usize> = (0..all).map(|channel| platform.messages(channel)).collect();
    let lost = messages.iter().filter(|many| **many < MESSAGES).count();
    let doubled = messages.iter().filter(|many| **many > MESSAGES).count();
    println!(
        "{name}: {ROUNDS} kills, {all} questions, {before} of them answered before the last start: {lost} lost, {doubled} doubled"
    );
    assert_eq!((lost, doubled), (0, 0));
}
