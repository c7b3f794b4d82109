//! How a test finds out that a secret went where it must not: every secret of a test holds [`SECRET_MARK`], so whatever
//! a program leaves behind can be looked through for it.

use std::path::{Path, PathBuf};

/// What every secret of a test holds. `cargo xtask test` fails if it is printed.
pub const SECRET_MARK: &str = "tocsin-test-secret";

/// The same in base64, as SMTP and HTTP write credentials: what stands for it wherever it begins.
const IN_BASE64: [&str; 3] = [
    "dG9jc2luLXRlc3Qtc2VjcmV0",
    "RvY3Npbi10ZXN0LXNlY3Jld",
    "0b2NzaW4tdGVzdC1zZWNyZX",
];

/// The one file that secrets may be in.
const OWN_FILE: &str = ".env";

/// Whether something holds a secret of a test, as it is or in base64.
pub fn holds_secret(bytes: &[u8]) -> bool {
    let holds = |mark: &&str| {
        bytes
            .windows(mark.len())
            .any(|part| part == mark.as_bytes())
    };
    holds(&SECRET_MARK) || IN_BASE64.iter().any(holds)
}

/// The files below a folder that hold a secret of a test, but for `.env`, which is the place for them. What cannot be
/// read is left out.
pub fn files_with_secrets(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for entry in entries {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file()
                && entry.file_name() != OWN_FILE
                && std::fs::read(&path).is_ok_and(|bytes| holds_secret(&bytes))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_secrets_in_whatever_was_left_but_their_own_file() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        write(".env", &format!("EMAIL_PASS={SECRET_MARK}"));
        write("settings.toml", "user = \"tocsin\"");
        let log = write("logs/a.log", &format!("token=xoxb-{SECRET_MARK}-1"));
        let database = write("tocsin.db", "\0AGEAdG9jc2luLXRlc3Qtc2VjcmV0LW1haWw=\0");
        assert_eq!(files_with_secrets(dir.path()), [log, database]);
    }

    #[test]
    fn knows_them_in_base64_wherever_they_begin() {
        // AUTH PLAIN of users with names of one, two and three letters.
        for text in [
            "AGEAdG9jc2luLXRlc3Qtc2VjcmV0LW1haWw=",
            "AGFiAHRvY3Npbi10ZXN0LXNlY3JldC1tYWls",
            "AGFiYwB0b2NzaW4tdGVzdC1zZWNyZXQtbWFpbA==",
        ] {
            assert!(holds_secret(text.as_bytes()), "{text}");
        }
        assert!(!holds_secret(b"tocsin-test"));
    }

    #[test]
    fn the_sinks_secrets_are_marked() {
        assert!(holds_secret(
            crate::SlackOptions::default().token.as_bytes()
        ));
        assert!(holds_secret(
            crate::SlackOptions::default().webhook_secret.as_bytes()
        ));
        assert!(holds_secret(
            crate::TelegramOptions::default().token.as_bytes()
        ));
        assert!(holds_secret(
            crate::SmtpOptions::default().password.as_bytes()
        ));
    }
}
