//! Puts the app together: folders, log, Tauri with its plugins, the core, the window; and takes it apart
//! again when the last window is closed or the system asks it to end.

use std::path::Path;
use std::process::ExitCode;

use tauri::{AppHandle, Builder, Wry};
use tauri_plugin_window_state::StateFlags;
use tocsin_core::error::Fault;
use tocsin_core::settings::{Environment, Paths};

use crate::backend::Backend;
use crate::flags::Flags;
use crate::{forward, host, ipc, log, refusal, window};

/// Runs the app until its window is closed.
pub fn run(flags: Flags) -> ExitCode {
    let is_own_folder = flags.data_dir.is_some();
    let prepared = prepare(flags);
    // Kept until the end: dropping it writes what is still buffered.
    let _log = prepared
        .as_ref()
        .ok()
        .map(|(paths, environment)| log::start(&paths.log_dir, environment.log_filter()));

    let mut builder = tauri::Builder::default();
    if !is_own_folder {
        // First of all plugins, so that a second start ends before it touches anything.
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, _args, _folder| {
            window::raise(app);
        }));
    }
    if let Ok((paths, _)) = &prepared {
        builder = with_window_state(builder, &paths.data_dir);
    }
    let app = builder
        .plugin(tauri_plugin_dialog::init())
        .manage(Backend::default())
        .invoke_handler(tauri::generate_handler![ipc::rpc])
        .setup(move |app| {
            match prepared {
                Ok((paths, environment)) => open(app.handle(), paths, environment)?,
                Err(fault) => refusal::show(app.handle(), &fault),
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => exit_code(app.run_return(|app, event| {
            if let tauri::RunEvent::Exit = event {
                Backend::stop(app);
            }
        })),
        Err(error) => {
            tracing::error!(%error, "the window system refused to start");
            eprintln!("Tocsin could not start its window: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The folders and the environment, with the folders made.
fn prepare(flags: Flags) -> Result<(Paths, Environment), Fault> {
    let paths = match flags.data_dir {
        Some(dir) => {
            let dir = std::path::absolute(&dir).unwrap_or(dir);
            Paths::in_dir(&dir)
        }
        None => Paths::platform()?,
    };
    let environment = Environment::from_process().with_file(&paths.env_file);
    let paths = paths.with_environment(&environment);
    paths.create()?;
    Ok((paths, environment))
}

/// Opens the window at once and starts the core beside it: the page loads while the database opens.
fn open(app: &AppHandle, paths: Paths, environment: Environment) -> tauri::Result<()> {
    window::open(app, &paths.data_dir)?;
    let options = tocsin_core::app::Options {
        paths,
        environment,
        host: host::desktop(),
        api: None,
        token: None,
    };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match Backend::start(&app, options).await {
            Ok(events) => forward::run(&app, events).await,
            Err(fault) => {
                window::hide(&app);
                refusal::show(&app, &fault);
            }
        }
    });
    Ok(())
}

/// Remembers size and place of the window in the data folder. Not whether it was visible: it is shown
/// once its page has loaded.
fn with_window_state(builder: Builder<Wry>, data_dir: &Path) -> Builder<Wry> {
    let file = data_dir.join("window.json");
    let plugin = tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::all() & !StateFlags::VISIBLE)
        .with_filename(file.to_string_lossy())
        .build();
    builder.plugin(plugin)
}

fn exit_code(code: i32) -> ExitCode {
    match u8::try_from(code) {
        Ok(code) => ExitCode::from(code),
        Err(_) => ExitCode::FAILURE,
    }
}
