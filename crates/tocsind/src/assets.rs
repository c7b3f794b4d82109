//! The interface's files, embedded from `ui/dist`.

use std::borrow::Cow;

#[derive(rust_embed::RustEmbed)]
#[folder = "../../ui/dist"]
struct Dist;

/// A file by its path: its type and its bytes.
pub fn find(path: &str) -> Option<(String, Cow<'static, [u8]>)> {
    let file = Dist::get(path)?;
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = if kind.type_() == "text" {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_string()
    };
    Some((kind, file.data))
}
