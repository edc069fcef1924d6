//! The process that holds a lock, distinguished from every other process of any machine.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A process, with what it takes to find out whether it still runs.
///
/// A process id alone does not identify a process: it is used again after a while, after a reboot and in every container, and
/// several machines can have the same host name. Fields that the system does not provide are absent, as in locks of earlier
/// releases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// The process id.
    pub pid: u32,
    /// The kernel's id of this boot, which no other machine and no other boot has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_id: Option<String>,
    /// The namespace that the process id is counted in; each container has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid_namespace: Option<String>,
    /// When the process started, in clock ticks since the boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_start: Option<u64>,
}

impl Process {
    /// This process.
    pub fn current() -> Self {
        let pid = std::process::id();
        Self {
            pid,
            boot_id: fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned()),
            pid_namespace: fs::read_link("/proc/self/ns/pid").ok().map(|link| link.display().to_string()),
            process_start: fs::read_to_string(stat_path(pid)).ok().as_deref().and_then(start_of),
        }
    }

    /// Whether the process is known to have ended. Only processes that `here` can see are known.
    pub fn has_ended(&self, here: &Self) -> bool {
        let visible = self.boot_id.is_some()
            && self.boot_id == here.boot_id
            && self.pid_namespace.is_some()
            && self.pid_namespace == here.pid_namespace;
        let Some(start) = self.process_start.filter(|_| visible) else { return false };
        match fs::read_to_string(stat_path(self.pid)) {
            Ok(stat) => start_of(&stat).is_some_and(|found| found != start),
            // Where the processes of others are hidden (`hidepid`), so is the first one, and being absent means nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Path::new("/proc/1").exists(),
            Err(_) => false,
        }
    }
}

fn stat_path(pid: u32) -> String {
    format!("/proc/{pid}/stat")
}

/// The start time in `/proc/<pid>/stat`, its 22nd field (proc_pid_stat(5)). The second one, the program's name in parentheses,
/// can hold anything, so counting starts after it.
fn start_of(stat: &str) -> Option<u64> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_start_time_is_found_after_any_name() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 4242 1 1 1";
        assert_eq!(start_of(stat), Some(4242));
        assert_eq!(start_of("7 (x"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_processes_that_can_be_seen_are_known_to_have_ended() {
        let here = Process::current();
        assert!(here.process_start.is_some() && here.boot_id.is_some());
        assert!(!here.has_ended(&here));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        let ended = Process { pid, ..here.clone() };
        assert!(ended.has_ended(&here));
        // A later process of the same id, such as that of a container that was started again.
        let earlier = Process { process_start: Some(1), ..here.clone() };
        assert!(earlier.has_ended(&here));
        for elsewhere in [
            Process { boot_id: Some("another".to_owned()), ..ended.clone() },
            Process { pid_namespace: Some("pid:[1]".to_owned()), ..ended.clone() },
            Process { pid, ..Process::default() },
        ] {
            assert!(!elsewhere.has_ended(&here), "{elsewhere:?}");
        }
    }
}
