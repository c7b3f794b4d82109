//! The most memory that this process had resident, where the system tells.

/// Forgets the peak until now (Linux).
pub fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The peak since, MiB.
pub fn peak_mib() -> Option<f64> {
    mib("VmHWM:")
}

/// What is resident now, MiB.
pub fn now_mib() -> Option<f64> {
    mib("VmRSS:")
}

fn mib(key: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with(key))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
