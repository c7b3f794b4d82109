//! The interface's types, written from the types of the commands.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use ts_rs::{Config, TS, TypeVisitor};

/// Collects declarations by name, so that the text is the same whatever the order of visits.
#[derive(Default)]
pub(super) struct Types {
    seen: HashSet<TypeId>,
    declarations: BTreeMap<String, String>,
    commands: String,
}

impl Types {
    /// Adds a type and everything in it.
    pub fn add<T: TS + 'static + ?Sized>(&mut self) {
        self.visit::<T>();
    }

    /// Adds a command.
    pub fn command<Request: TS + 'static, Response: TS + 'static>(
        &mut self,
        name: &str,
        docs: &[&str],
    ) {
        self.add::<Request>();
        self.add::<Response>();
        let config = config();
        for doc in docs {
            let _ = writeln!(self.commands, "  /**{doc} */");
        }
        let (request, response) = (Request::name(&config), Response::name(&config));
        let _ = writeln!(
            self.commands,
            "  {name}: {{ request: {request}; response: {response} }};"
        );
    }

    /// The file.
    pub fn finish(self) -> String {
        let mut text = String::from(
            "// Made by `cargo xtask types` from crates/core/src/commands; do not edit.\n\n",
        );
        for declaration in self.declarations.values() {
            for line in format!("export {declaration}").lines() {
                let _ = writeln!(text, "{}", line.trim_end());
            }
        }
        let _ = write!(
            text,
            "\n/** What the interface may ask, by name. */\nexport interface Commands {{\n{}}}\n",
            self.commands
        );
        text
    }
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        let config = config();
        T::visit_dependencies(self);
        T::visit_generics(self);
        // Types without a file of their own (numbers, lists, strings) have no declaration.
        if T::output_path().is_some() {
            self.declarations
                .insert(T::ident(&config), T::decl(&config));
        }
    }
}

fn config() -> Config {
    Config::default().with_large_int("number")
}
