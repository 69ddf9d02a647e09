//! The `sanad` program as a process of its own: how long it takes from start to end, and how much memory it needs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::error::{BenchError, Doing};
use crate::stopwatch::timed;

/// How often a process's memory is looked at. The system keeps its peak, so nothing between two looks is missed but
/// what happens in a process's last moment.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// The program that is measured.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
}

impl Program {
    /// The program at this path.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Runs a command to its end; gives how long the whole process took. What it prints goes nowhere.
    ///
    /// # Errors
    /// [`BenchError::Program`] where it fails.
    pub fn time(&self, ledger: &Path, words: &[&str]) -> Result<Duration, BenchError> {
        let (ended, took) = timed(|| self.command(ledger, words).output());
        let ended = ended.doing("run", &self.path)?;
        self.succeeded(words, ended.status, &ended.stderr)?;
        Ok(took)
    }

    /// Runs a command to its end; gives the most memory that the process held, in bytes. `None` where the system does
    /// not tell (it does on Linux).
    ///
    /// # Errors
    /// [`BenchError::Program`] where it fails.
    pub fn peak_memory(&self, ledger: &Path, words: &[&str]) -> Result<Option<u64>, BenchError> {
        let mut child = self.command(ledger, words).spawn().doing("run", &self.path)?;
        let mut peak = None;
        while child.try_wait().doing("wait for", &self.path)?.is_none() {
            peak = peak.max(memory_of(&child));
            thread::sleep(LOOK_EVERY);
        }
        let ended = child.wait_with_output().doing("wait for", &self.path)?;
        self.succeeded(words, ended.status, &ended.stderr)?;
        Ok(peak)
    }

    fn command(&self, ledger: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.arg("--ledger").arg(ledger).args(words);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn succeeded(
        &self,
        words: &[&str],
        status: std::process::ExitStatus,
        said: &[u8],
    ) -> Result<(), BenchError> {
        if status.success() {
            return Ok(());
        }
        let name = self.path.file_name().unwrap_or(OsStr::new("sanad")).to_string_lossy();
        let (command, said) = (
            format!("{name} {}", words.join(" ")),
            String::from_utf8_lossy(said).trim_end().to_owned(),
        );
        Err(BenchError::Program { command, status, said })
    }
}

/// The processor time that this process has used so far, all of its threads together: fields 14 and 15 of
/// `/proc/PID/stat`, proc(5), in hundredths of a second. `None` where the system does not tell (it does on Linux).
#[must_use]
pub fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, which may hold anything, ends with the last bracket; the third field comes behind it.
    let (_, behind) = stat.rsplit_once(')')?;
    let fields = behind.split_whitespace().skip(14 - 3).take(2);
    let ticks: u64 = fields.map(|field| field.parse::<u64>().ok()).sum::<Option<u64>>()?;
    Some(Duration::from_millis(10 * ticks))
}

/// The most memory that a running process has held so far, in bytes: the line `VmHWM` of proc(5).
fn memory_of(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
