//! Durations in words, in each language.

use jiff::SignedDuration;

use super::language::Language;

/// The words of a language: one and several of each unit.
struct Units {
    day: [&'static str; 2],
    hour: [&'static str; 2],
    minute: [&'static str; 2],
    second: [&'static str; 2],
    less_than_a_second: &'static str,
}

const fn units(language: Language) -> Units {
    match language {
        Language::En => Units {
            day: ["day", "days"],
            hour: ["hour", "hours"],
            minute: ["minute", "minutes"],
            second: ["second", "seconds"],
            less_than_a_second: "less than a second",
        },
        Language::De => Units {
            day: ["Tag", "Tage"],
            hour: ["Stunde", "Stunden"],
            minute: ["Minute", "Minuten"],
            second: ["Sekunde", "Sekunden"],
            less_than_a_second: "weniger als eine Sekunde",
        },
        Language::Fr => Units {
            day: ["jour", "jours"],
            hour: ["heure", "heures"],
            minute: ["minute", "minutes"],
            second: ["seconde", "secondes"],
            less_than_a_second: "moins d’une seconde",
        },
        Language::Es => Units {
            day: ["día", "días"],
            hour: ["hora", "horas"],
            minute: ["minuto", "minutos"],
            second: ["segundo", "segundos"],
            less_than_a_second: "menos de un segundo",
        },
        Language::PtBr => Units {
            day: ["dia", "dias"],
            hour: ["hora", "horas"],
            minute: ["minuto", "minutos"],
            second: ["segundo", "segundos"],
            less_than_a_second: "menos de um segundo",
        },
        Language::Ja => Units {
            day: ["日", "日"],
            hour: ["時間", "時間"],
            minute: ["分", "分"],
            second: ["秒", "秒"],
            less_than_a_second: "1 秒未満",
        },
    }
}

/// Returns a duration in English: `2 seconds`, `20 minutes`, `1 hour 5 minutes`, `7 days`.
#[must_use]
pub fn format_duration(length: SignedDuration) -> String {
    format_duration_in(length, Language::En)
}

/// Returns a duration in the words of a language, in the form that follows "for" or "waited".
#[must_use]
pub fn format_duration_in(length: SignedDuration, language: Language) -> String {
    let Units { day, hour, minute, second, less_than_a_second } = units(language);
    let seconds = length.as_secs().max(0);
    let unit =
        |count: i64, [one, several]: [&str; 2]| format!("{count} {}", if count == 1 { one } else { several });
    let pair = |big: i64, big_unit, small: i64, small_unit| {
        if small == 0 {
            unit(big, big_unit)
        } else {
            format!("{} {}", unit(big, big_unit), unit(small, small_unit))
        }
    };
    match seconds {
        0 => less_than_a_second.to_owned(),
        1..120 => unit(seconds, second),
        120..3_600 => unit(seconds / 60, minute),
        3_600..172_800 => pair(seconds / 3_600, hour, seconds % 3_600 / 60, minute),
        _ => pair(seconds / 86_400, day, seconds % 86_400 / 3_600, hour),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{Language, format_duration, format_duration_in};

    fn check(seconds: i64, expect: &str) {
        assert_eq!(format_duration(SignedDuration::from_secs(seconds)), expect);
    }

    #[test]
    fn lengths_are_said_as_people_say_them() {
        check(1, "1 second");
        check(119, "119 seconds");
        check(1_201, "20 minutes");
        check(3_600, "1 hour");
        check(3_960, "1 hour 6 minutes");
        check(604_800, "7 days");
        check(0, "less than a second");
        check(-5, "less than a second");
    }

    #[test]
    fn lengths_are_said_in_each_language() {
        let said = |language, seconds| format_duration_in(SignedDuration::from_secs(seconds), language);
        assert_eq!(said(Language::De, 3_660), "1 Stunde 1 Minute");
        assert_eq!(said(Language::De, 1), "1 Sekunde");
        assert_eq!(said(Language::Fr, 1_200), "20 minutes");
        assert_eq!(said(Language::Es, 180_000), "2 días 2 horas");
        assert_eq!(said(Language::PtBr, 0), "menos de um segundo");
        assert_eq!(said(Language::Ja, 3_900), "1 時間 5 分");
    }
}
