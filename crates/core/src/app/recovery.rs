//! When the database cannot be opened because it is damaged: the app runs, holds the folder and touches
//! nothing, until somebody chooses between a backup, what can still be read, and an empty database.
//! The damaged file is kept in each case.

use super::App;
use crate::error::Fault;
use crate::store::restore::Replaced;
use crate::store::{StoreError, Trouble};

impl App {
    /// Why the database is not open: the fault `database_damaged`, with `path` and `reason`. `None` where
    /// everything is as usual.
    #[must_use]
    pub fn damage(&self) -> Option<Fault> {
        self.db().damage().map(Fault::from)
    }

    /// What SQLite says is damaged, found at the start or since.
    pub(crate) fn damage_reason(&self) -> Result<String, Fault> {
        let since = self.db().trouble().borrow().clone();
        match (self.db().damage(), since) {
            (Some(StoreError::Damaged { reason, .. }), _)
            | (_, Some(Trouble::Damaged { reason })) => Ok(reason),
            _ => Err(Fault::new(
                "database_not_damaged",
                "The database is open; there is nothing to recover. Restart Tocsin to have it checked.",
            )),
        }
    }

    /// Puts what can be read of the damaged database in its place, and goes on with that.
    ///
    /// # Errors
    /// `database_not_damaged`, `salvage_nothing`; the damaged file is in place then.
    pub async fn salvage(&self) -> Result<Replaced, Fault> {
        self.damage_reason()?;
        let app = self.clone();
        self.replace(async move {
            let token = app.token();
            let step = move |_, _| !token.is_cancelled();
            app.db().salvage(app.now(), step).await
        })
        .await
    }

    /// Puts an empty database in the place of the damaged one, and goes on with that.
    ///
    /// # Errors
    /// `database_not_damaged`, or that the disk is full; the damaged file is in place then.
    pub async fn start_anew(&self) -> Result<Replaced, Fault> {
        self.damage_reason()?;
        let app = self.clone();
        self.replace(async move { app.db().start_anew(app.now()).await })
            .await
    }
}
