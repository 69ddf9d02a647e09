//! A test run in a process of its own, with as much memory as it is allowed.

use std::process::Command;

use rustix::process::{Resource, Rlimit, setrlimit};

/// Runs an ignored test of the same program in a process of its own.
///
/// # Panics
/// Where it fails.
pub fn run_alone(test: &str) {
    let program = std::env::current_exe().expect("a test is a program");
    let run = Command::new(program)
        .args([test, "--exact", "--ignored", "--nocapture", "--test-threads", "1"])
        .env(ALONE, "1")
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success());
}

/// Says to a test that it is alone in its process.
const ALONE: &str = "SANAD_TEST_ALONE";

/// Allows this process so many bytes of address space more than it has now. Whoever needs more is aborted.
///
/// # Panics
/// Where other tests share the process, or the system has no such limit.
pub fn allow_only(bytes: u64) {
    assert!(std::env::var_os(ALONE).is_some(), "this test needs a process of its own");
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says it");
    let now = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let now = now.and_then(|size| size.split_whitespace().next()?.parse::<u64>().ok());
    let most = Some(now.expect("a size") * 1024 + bytes);
    setrlimit(Resource::As, Rlimit { current: most, maximum: most }).expect("a limit can be set");
}
