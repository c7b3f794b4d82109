//! Puts the app together: folders, log, Tauri with its plugins, the core, the window; and takes it apart
//! again when the window is closed or the system asks it to end.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use tauri::{AppHandle, Builder, Wry};
use tauri_plugin_window_state::StateFlags;
use tocsin_core::app::Options;
use tocsin_core::error::Fault;
use tocsin_core::logs;
use tocsin_core::server::follow_settings;
use tocsin_core::settings::{Environment, Paths};

use crate::backend::Backend;
use crate::flags::Flags;
use crate::{forward, host, ipc, refusal, signals, window};

/// Runs the app until its window is closed.
pub fn run(flags: Flags) -> ExitCode {
    let is_usual_place = flags.data_dir.is_none();
    let paths = prepare(flags);

    let mut builder = tauri::Builder::default();
    if is_usual_place {
        // The first of the plugins, so that a second start ends before it touches anything. Folders that
        // were named are for trying and testing: there the database's lock decides.
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, _args, _folder| {
            window::raise(app);
        }));
    }
    if let Ok(paths) = &paths {
        builder = with_window_state(builder, &paths.data_dir);
    }
    let app = builder
        .plugin(tauri_plugin_dialog::init())
        .manage(Backend::default())
        .invoke_handler(tauri::generate_handler![ipc::rpc])
        .setup(move |app| {
            signals::end_on_request(app.handle());
            match paths {
                Ok(paths) => open(app.handle(), paths)?,
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

/// Finds and makes the folders, and starts the log in them.
fn prepare(flags: Flags) -> Result<Paths, Fault> {
    let paths = match flags.data_dir {
        Some(dir) => Paths::in_dir(&std::path::absolute(&dir).unwrap_or(dir)),
        None => Paths::platform()?,
    };
    paths.create()?;
    logs::start(&paths, environment(&paths).log_filter());
    Ok(paths)
}

/// The variables in effect. No `.env` of the working directory: a foreign folder must not redirect mail.
fn environment(paths: &Paths) -> Environment {
    Environment::from_process().with_file(&paths.env_file)
}

/// Opens the window at once and starts the core beside it: the page loads while the database opens.
fn open(app: &AppHandle, paths: Paths) -> tauri::Result<()> {
    window::open(app, &paths.data_dir)?;
    let options = Options {
        paths,
        environment: Arc::new(environment),
        host: host::desktop(),
        background: true,
        read_only: false,
    };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match Backend::start(&app, options).await {
            Ok(core) => {
                let events = core.events().subscribe();
                core.track(follow_settings(core.clone()));
                // Nothing of the core is held here: it ends when the backend stops it.
                drop(core);
                forward::run(&app, events).await;
            }
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
    make_private(&file);
    let plugin = tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::all() & !StateFlags::VISIBLE)
        .with_filename(file.to_string_lossy())
        .build();
    builder.plugin(plugin)
}

/// Makes the file, for this user alone, where there is none: the plugin only fills it. A file that cannot
/// be made is the plugin's to complain about.
fn make_private(file: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Ok(mut file) = options.open(file) {
        let _ = file.write_all(b"{}");
    }
}

fn exit_code(code: i32) -> ExitCode {
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}
