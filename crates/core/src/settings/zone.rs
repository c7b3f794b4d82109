//! Time zones by their IANA names.

use jiff::tz::TimeZone;

/// The time zone of this machine: `Europe/Berlin`; `UTC` where the system does not say which it is.
#[must_use]
pub fn machine_zone() -> String {
    let zone = TimeZone::system();
    zone.iana_name().unwrap_or("UTC").to_owned()
}

/// The name of a zone as it is written: `europe/berlin` is `Europe/Berlin`.
pub(super) fn canonical(name: &str) -> Option<String> {
    let zone = TimeZone::get(name.trim()).ok()?;
    zone.iana_name().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_in_any_letter_case() {
        for (typed, known) in [
            ("Europe/Berlin", Some("Europe/Berlin")),
            (" europe/berlin ", Some("Europe/Berlin")),
            ("Asia/Kolkata", Some("Asia/Kolkata")),
            ("UTC", Some("UTC")),
            ("Europe/Atlantis", None),
            ("", None),
            ("+01:00", None),
        ] {
            assert_eq!(canonical(typed).as_deref(), known, "{typed}");
        }
    }

    #[test]
    fn the_machine_has_a_zone_that_exists() {
        assert!(canonical(&machine_zone()).is_some());
    }
}
