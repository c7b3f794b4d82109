//! Whether there is a screen to open a window on. GTK would panic without one; a sentence helps more.

/// Opens the connection to the display.
///
/// # Errors
/// What is missing and what to do about it, as a sentence.
#[cfg(target_os = "linux")]
pub fn open() -> Result<(), String> {
    // Connecting also finds a DISPLAY that is set and leads nowhere, as in a shell over ssh.
    gtk::init().map_err(|_| {
        "Tocsin found no display: neither DISPLAY nor WAYLAND_DISPLAY leads to a screen. Start it in \
         a desktop session, or run `tocsind run` for the same engine without a window."
            .to_owned()
    })
}

/// Other systems always have one.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn open() -> Result<(), String> {
    Ok(())
}
