//! The demo without a terminal: a short tour.

use std::io::Write;

use super::{Demo, alerts, bots};
use crate::report::language::Language;

/// Number of bots in the tour's alert group: enough to be grouped, and few enough to read.
const STORM: usize = 12;

/// The cause whose page is opened.
const PAGE: &str = "zoom_local_recording_disabled";

/// Runs a short tour, with a denied permission, a host who was there all the time and a bot that recorded
/// after all. Then an alert arrives by itself, a host is asked again, a page for a host opens, and many alerts
/// arrive at once.
///
/// # Errors
/// Returns an error if the demo can't start, or `out` can't be written to.
pub async fn tour<W: Write + Send + 'static>(out: W, columns: usize) -> anyhow::Result<()> {
    let demo = Demo::start(out, columns).await?;
    let say = |text: &str| demo.console.say(text);
    say("1. A bot came back without a recording. Support asks why.\n")?;
    demo.type_and_ask(bots::DENIED).await?;
    say("\n2. This one was in the call for an hour. \"But the host was there all the time!\"\n")?;
    demo.type_and_ask(bots::HOST_NOT_SEEN).await?;
    say("\n> 1\n")?;
    demo.press(1).await?;
    say("\n3. This one recorded after all.\n")?;
    demo.type_and_ask(bots::RECORDED).await?;
    say("\n4. A bot has been in the waiting room for ten minutes. An alert arrives by itself:\n")?;
    for (number, part) in alerts::scenario("saved", 1).iter().enumerate() {
        match number {
            1 => say("\n   The host admits it:\n")?,
            2 => say("\n   It records:\n")?,
            _ => {}
        }
        demo.hear(part).await?;
    }
    say("\n5. A host declines the request to record. The meeting still runs, so somebody asks once more:\n")?;
    let mut story = alerts::scenario("asked-again", 1).into_iter();
    if let Some(part) = story.next() {
        demo.hear(&part).await?;
    }
    for (pressed, button) in [("Ask the host again…", 1), ("Send and ask again", 1)] {
        say(&format!("\n> {button}   ({pressed})\n"))?;
        demo.press(button).await?;
    }
    for part in story {
        say("")?;
        demo.hear(&part).await?;
    }
    say("\n6. The link in the host's message opens this page, here in German:\n")?;
    demo.open_page(PAGE, Language::De).await?;
    say(
        "\n7. Twelve meetings fail at once, on Zoom's side. From the third on, one message counts them all.\n\
         (The service groups from the sixth on. Set alerts.group_after to change that.)\n",
    )?;
    for part in alerts::scenario("storm", STORM) {
        demo.hear(&part).await?;
    }
    say("\nTo ask questions yourself, run the demo in a terminal.")?;
    Ok(())
}
