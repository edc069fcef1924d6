//! Git, asked for the objects of a commit. Everything here only reads.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use kopsform_diagnostics::Explain;
use kopsform_files::TEXT_LIMIT;

/// The most that is read of one answer of Git, in bytes.
const LIMIT: u64 = 4 * TEXT_LIMIT;

/// Why files of a revision could not be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("cannot run git: {0}")]
    Start(#[source] io::Error),
    /// Git failed; the message is what it reported.
    #[error("git {command}: {message}")]
    Failed { command: String, message: String },
    #[error("git {0} answers with more than {mib} MiB", mib = LIMIT >> 20)]
    TooLong(String),
    #[error("git {0} answers in an unknown format")]
    Format(String),
    #[error("{0:?} is not a revision")]
    Revision(String),
    #[error("the repository has the path {0:?}, which leads out of it")]
    Path(String),
    #[error("cannot write the files of {revision} to a temporary directory: {source}")]
    Write { revision: String, source: io::Error },
}

impl Explain for GitError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Start(_) => vec!["install git, or use --against to compare with a directory".to_owned()],
            Self::Failed { command, .. } if command.starts_with("rev-parse --verify") => {
                vec!["in a shallow clone, fetch the revision first: `git fetch origin REVISION`".to_owned()]
            }
            _ => Vec::new(),
        }
    }
}

/// A path relative to a directory of the repository, as a path from its root; `None` if it leads out of it.
pub(super) fn inside(directory: &Path, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for component in directory.components().chain(Path::new(path).components()) {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir => _ = parts.pop()?,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// A commit in a repository.
pub(super) struct Repository {
    pub git: Git,
    /// The root of the working tree.
    pub top: PathBuf,
    pub commit: String,
}

/// A file at a commit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    object: String,
    pub is_link: bool,
    /// From the root of the repository.
    pub path: String,
}

impl Repository {
    /// The files at or below paths; paths that do not exist have none.
    pub async fn entries(&self, paths: &[String]) -> Result<Vec<Entry>, GitError> {
        // An empty path is the root.
        let paths: Vec<&str> =
            if paths.iter().any(String::is_empty) { Vec::new() } else { paths.iter().map(String::as_str).collect() };
        let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", self.commit.as_str(), "--"];
        arguments.extend(paths);
        entries(&self.git.run(&arguments, &[]).await?)
    }

    /// The contents of files, in their order.
    pub async fn contents(&self, entries: &[Entry]) -> Result<Vec<Vec<u8>>, GitError> {
        let asked: BTreeSet<&str> = entries.iter().map(|entry| entry.object.as_str()).collect();
        let input: String = asked.iter().map(|object| format!("{object}\n")).collect();
        let answer = self.git.run(&["cat-file", "--batch"], input.as_bytes()).await?;
        let objects = objects(&answer).ok_or_else(|| GitError::Format("cat-file --batch".to_owned()))?;
        let content = |entry: &Entry| objects.get(entry.object.as_str()).map(|content| content.to_vec());
        let missing = || GitError::Format("cat-file --batch".to_owned());
        entries.iter().map(|entry| content(entry).ok_or_else(missing)).collect()
    }
}

/// Reads `MODE blob OBJECT\tPATH\0` for each file. Other repositories within this one are left out.
fn entries(answer: &[u8]) -> Result<Vec<Entry>, GitError> {
    let malformed = || GitError::Format("ls-tree".to_owned());
    let mut found = Vec::new();
    for line in answer.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
        let line = std::str::from_utf8(line).map_err(|_| malformed())?;
        let (description, path) = line.split_once('\t').ok_or_else(malformed)?;
        let mut words = description.split_whitespace();
        let (Some(mode), Some(kind), Some(object)) = (words.next(), words.next(), words.next()) else {
            return Err(malformed());
        };
        if kind != "blob" {
            continue;
        }
        if inside(Path::new(""), path).as_deref() != Some(path) {
            return Err(GitError::Path(path.to_owned()));
        }
        found.push(Entry { object: object.to_owned(), is_link: mode == "120000", path: path.to_owned() });
    }
    Ok(found)
}

/// Reads `OBJECT blob SIZE\nCONTENT\n` for each object.
fn objects(mut answer: &[u8]) -> Option<BTreeMap<&str, &[u8]>> {
    let mut found = BTreeMap::new();
    while !answer.is_empty() {
        let end = answer.iter().position(|byte| *byte == b'\n')?;
        let header = std::str::from_utf8(answer.get(..end)?).ok()?;
        let mut words = header.split(' ');
        let (object, "blob", size) = (words.next()?, words.next()?, words.next()?.parse::<usize>().ok()?) else {
            return None;
        };
        let start = end + 1;
        let stop = start.checked_add(size)?;
        found.insert(object, answer.get(start..stop)?);
        answer = answer.get(stop.checked_add(1)?..)?;
    }
    Some(found)
}

/// Git in a directory.
pub(super) struct Git {
    pub dir: PathBuf,
}

impl Git {
    /// The only line of an answer.
    pub async fn line(&self, arguments: &[&str]) -> Result<String, GitError> {
        let answer = self.run(arguments, &[]).await?;
        let text = String::from_utf8(answer).map_err(|_| GitError::Format(shown(arguments)))?;
        Ok(text.trim_end_matches(['\n', '\r']).to_owned())
    }

    /// Runs a command that only reads, and returns its output.
    pub async fn run(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, GitError> {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(&self.dir).kill_on_drop(true);
        command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(GitError::Start)?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let write = async move {
            if let Some(mut stdin) = stdin {
                // Git may end before it has read everything; its status says why.
                let _ = stdin.write_all(input).await;
            }
        };
        let (mut answer, mut message) = (Vec::new(), Vec::new());
        let read = async {
            match stdout {
                Some(stdout) => stdout.take(LIMIT + 1).read_to_end(&mut answer).await.map(|_| ()),
                None => Ok(()),
            }
        };
        let listen = async {
            match stderr {
                Some(stderr) => stderr.take(TEXT_LIMIT).read_to_end(&mut message).await.map(|_| ()),
                None => Ok(()),
            }
        };
        let ((), read, listened) = futures::join!(write, read, listen);
        read.and(listened).map_err(GitError::Start)?;
        if answer.len() as u64 > LIMIT {
            return Err(GitError::TooLong(shown(arguments)));
        }
        let status = child.wait().await.map_err(GitError::Start)?;
        if !status.success() {
            let message = String::from_utf8_lossy(&message).trim().to_owned();
            return Err(GitError::Failed { command: shown(arguments), message });
        }
        Ok(answer)
    }
}

fn shown(arguments: &[&str]) -> String {
    arguments.join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_stay_inside_of_the_repository() {
        assert_eq!(inside(Path::new("demo"), "../templates/a.yml").as_deref(), Some("templates/a.yml"));
        assert_eq!(inside(Path::new("demo"), "./a").as_deref(), Some("demo/a"));
        assert_eq!(inside(Path::new(""), "."), Some(String::new()));
        assert_eq!(inside(Path::new("demo"), "../../a"), None);
        assert_eq!(inside(Path::new("demo"), "/etc/a"), None);
    }

    #[test]
    fn the_answers_of_git_are_read() {
        let answer = b"100644 blob aa\ta b/c.yml\x00120000 blob bb\tlink\x00160000 commit cc\tmodule\x00";
        let entry = |object: &str, is_link, path: &str| Entry { object: object.into(), is_link, path: path.into() };
        assert_eq!(entries(answer).unwrap(), [entry("aa", false, "a b/c.yml"), entry("bb", true, "link")]);
        assert!(matches!(entries(b"100644 blob aa\t../x\x00"), Err(GitError::Path(_))));
        assert!(entries(b"100644\x00").is_err());
        let read = objects(b"aa blob 3\nx\ny\nbb blob 0\n\n").unwrap();
        assert_eq!((read["aa"], read["bb"]), (&b"x\ny"[..], &b""[..]));
        assert!(objects(b"aa missing\n").is_none());
        assert!(objects(b"aa blob 9\nx\n").is_none());
    }
}
