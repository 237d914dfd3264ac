//! A spinner while something takes longer than a second: on a terminal alone, on standard error, and without colours.

use std::borrow::Cow;
use std::pin::pin;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::timeout;

/// What takes less shows no spinner: it would only flicker.
const SHOWN_AFTER: Duration = Duration::from_secs(1);
const TURNS_EVERY: Duration = Duration::from_millis(100);

/// Does some work. If it takes long, these words are shown until it is done; the work can change them meanwhile.
///
/// Nothing of the spinner is left behind, also where the work is given up.
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
    // Draws nothing where standard error is no terminal.
    spinner.set_draw_target(ProgressDrawTarget::stderr());
    spinner.enable_steady_tick(TURNS_EVERY);
    let done = work.await;
    spinner.finish_and_clear();
    done
}
