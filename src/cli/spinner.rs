//! A spinner for work that takes longer than a second. It appears only on a terminal, on standard error, and
//! without colours.

use std::borrow::Cow;
use std::pin::pin;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::timeout;

/// Work that takes less time shows no spinner, which would only flicker.
const SHOWN_AFTER: Duration = Duration::from_secs(1);
const TURNS_EVERY: Duration = Duration::from_millis(100);

/// Runs some work. If it takes long, these words are shown until it is done; the work can change them
/// meanwhile.
///
/// The spinner is always removed, even if the work is cancelled.
pub(super) async fn during<T>(
    words: impl Into<Cow<'static, str>>,
    work: impl AsyncFnOnce(&ProgressBar) -> T,
) -> T {
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
        .with_style(ProgressStyle::default_spinner())
        .with_message(words);
    let mut work = pin!(work(&spinner));
    if let Ok(done) = timeout(SHOWN_AFTER, work.as_mut()).await {
        return done;
    }
    // Draws nothing if standard error is not a terminal.
    spinner.set_draw_target(ProgressDrawTarget::stderr());
    spinner.enable_steady_tick(TURNS_EVERY);
    let done = work.await;
    spinner.finish_and_clear();
    done
}
