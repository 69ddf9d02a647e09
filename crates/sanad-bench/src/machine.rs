//! What the figures were measured on, as far as the system tells.

use std::path::Path;

use serde::Serialize;

use crate::core_limit::cores;

/// The machine and the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Threads that it can run at once.
    pub cores: usize,
    /// The processor's own name for itself.
    pub processor: Option<String>,
    /// Operating system and architecture.
    pub system: String,
    /// The file system of the folder that was measured in, where it is a known one.
    pub file_system: Option<&'static str>,
}

impl Machine {
    /// This machine, and the disk of a folder.
    #[must_use]
    pub fn with(folder: &Path) -> Self {
        Self {
            cores: cores(),
            processor: processor(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            file_system: file_system(folder),
        }
    }

    /// Whether the folder lies in memory, so that "durable" means nothing there.
    #[must_use]
    pub fn forgets(&self) -> bool {
        self.file_system == Some("tmpfs")
    }
}

fn processor() -> Option<String> {
    let told = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = told.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The name of a folder's file system, by the number that statfs(2) gives.
#[cfg(target_os = "linux")]
fn file_system(folder: &Path) -> Option<&'static str> {
    const NAMES: [(i64, &str); 8] = [
        (0xEF53, "ext4"),
        (0x5846_5342, "xfs"),
        (0x9123_683E, "btrfs"),
        (0x2FC1_2FC1, "zfs"),
        (0xF2F5_2010, "f2fs"),
        (0x794C_7630, "overlayfs"),
        (0x0102_1994, "tmpfs"),
        (0x6969, "nfs"),
    ];
    let number = rustix::fs::statfs(folder).ok()?.f_type;
    NAMES.into_iter().find(|(known, _)| *known == number).map(|(_, name)| name)
}

#[cfg(not(target_os = "linux"))]
fn file_system(_folder: &Path) -> Option<&'static str> {
    None
}
