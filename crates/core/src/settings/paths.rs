//! Where Tocsin's files are.

use std::path::{Path, PathBuf};

use super::{Environment, file};
use crate::error::Fault;

/// The files and folders of one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Settings and secrets.
    pub config_dir: PathBuf,
    /// What was collected.
    pub data_dir: PathBuf,
    /// `settings.toml`.
    pub settings_file: PathBuf,
    /// `.env` of the config folder.
    pub env_file: PathBuf,
    /// The SQLite file.
    pub database: PathBuf,
    /// Where logs are written.
    pub log_dir: PathBuf,
}

impl Paths {
    /// The platform's places: `~/.config/tocsin`, `~/.local/share/tocsin` and their kin.
    ///
    /// # Errors
    /// `no_home` where the system names no home folder.
    pub fn platform() -> Result<Self, Fault> {
        let (Some(config), Some(data)) = (dirs::config_dir(), dirs::data_local_dir()) else {
            return Err(Fault::new(
                "no_home",
                "The system names no home folder for this user. Say where the data is with --data-dir.",
            ));
        };
        Ok(Self::of(&config.join("tocsin"), &data.join("tocsin")))
    }

    /// Everything in one folder.
    #[must_use]
    pub fn in_dir(dir: &Path) -> Self {
        Self::of(dir, dir)
    }

    /// The same with the database that `DB_PATH` names.
    #[must_use]
    pub fn with_environment(mut self, environment: &Environment) -> Self {
        if let Some(database) = environment.database() {
            self.database = database;
        }
        self
    }

    fn of(config_dir: &Path, data_dir: &Path) -> Self {
        Self {
            config_dir: config_dir.to_owned(),
            data_dir: data_dir.to_owned(),
            settings_file: config_dir.join("settings.toml"),
            env_file: config_dir.join(".env"),
            database: data_dir.join("tocsin.db"),
            log_dir: data_dir.join("logs"),
        }
    }

    /// Makes the folders that are missing, for this user alone (0700). The database's folder is made
    /// too, if `DB_PATH` moved it.
    ///
    /// # Errors
    /// `folder_not_made` with the folder and the system's reason.
    pub fn create(&self) -> Result<(), Fault> {
        let database_dir = self.database.parent().filter(|p| !p.as_os_str().is_empty());
        for dir in [&self.config_dir, &self.data_dir, &self.log_dir]
            .into_iter()
            .map(PathBuf::as_path)
            .chain(database_dir)
        {
            file::create_dir(dir)?;
        }
        for own in [&self.settings_file, &self.env_file, &self.database] {
            make_private(own);
        }
        Ok(())
    }
}

/// Takes a file of ours away from other users, where one made by hand or copied is open to them. One that
/// cannot be changed stays as it is: reading it will say what is wrong.
fn make_private(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let Ok(found) = std::fs::metadata(file) else {
            return;
        };
        if found.permissions().mode() & 0o077 != 0 {
            let _ = std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_holds_everything() {
        let paths = Paths::in_dir(Path::new("/x"));
        assert_eq!(paths.settings_file, Path::new("/x/settings.toml"));
        assert_eq!(paths.env_file, Path::new("/x/.env"));
        assert_eq!(paths.database, Path::new("/x/tocsin.db"));
        assert_eq!(paths.log_dir, Path::new("/x/logs"));
    }

    #[test]
    fn db_path_moves_the_database_alone() {
        let env = Environment::from_pairs([("DB_PATH", "/elsewhere/a.db")]);
        let paths = Paths::in_dir(Path::new("/x")).with_environment(&env);
        assert_eq!(paths.database, Path::new("/elsewhere/a.db"));
        assert_eq!(paths.data_dir, Path::new("/x"));
    }

    #[cfg(unix)]
    #[test]
    fn new_folders_are_for_this_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::in_dir(&dir.path().join("a/b"));
        paths.create().unwrap();
        paths.create().unwrap();
        let mode = std::fs::metadata(&paths.log_dir)
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
