//! What the process holds.

/// Resident memory of this process in bytes.
pub fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("the system has /proc");
    let pages = statm.split(' ').nth(1).expect("statm has a second field");
    pages.parse::<usize>().expect("a number of pages") * 4096
}
