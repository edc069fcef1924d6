//! The name by which the program was called.
//!
//! Called through a link named `kops`, the program serves makefiles and scripts that were written for kops. Help, usage and hints
//! then name commands as the user has to type them. All code writes `kopsform COMMAND`; the name is replaced here, where messages
//! are printed. Files that the program writes name it `kopsform`, so that they are the same everywhere.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use clap::CommandFactory as _;

/// The name of the program.
pub const NAME: &str = "kopsform";
/// The other name by which it may be called.
pub const KOPS: &str = "kops";

static CALLED: OnceLock<&'static str> = OnceLock::new();

/// Records how the program was called, from the first argument of the process. Later calls have no effect.
pub fn set(argument: Option<&OsStr>) {
    let stem = argument.and_then(|path| Path::new(path).file_stem());
    let _ = CALLED.set(if stem == Some(OsStr::new(KOPS)) { KOPS } else { NAME });
}

/// The name to use in commands that the user should run.
pub fn name() -> &'static str {
    CALLED.get().copied().unwrap_or(NAME)
}

/// A message in which commands of this program have the name by which it was called.
pub fn as_called(text: &str) -> Cow<'_, str> {
    static COMMANDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let root = super::Cli::command();
        let names = root.get_subcommands().flat_map(|c| c.get_all_aliases().chain([c.get_name()]).map(str::to_owned));
        names.collect::<BTreeSet<_>>()
    });
    if name() == NAME {
        return Cow::Borrowed(text);
    }
    renamed(text, name(), |word| word.starts_with('-') || COMMANDS.contains(word))
}

/// The text with another name for the program wherever one of its commands is named: before a subcommand or a flag.
fn renamed<'a>(text: &'a str, name: &str, is_command: impl Fn(&str) -> bool) -> Cow<'a, str> {
    let mut result = String::new();
    let mut copied = 0;
    for (at, _) in text.match_indices(NAME) {
        let is_word = text[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || "`'(\"".contains(c));
        let rest = &text[at + NAME.len()..];
        let word = rest.strip_prefix(' ').map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '-')).next());
        if is_word && word.flatten().is_some_and(&is_command) {
            result.push_str(&text[copied..at]);
            result.push_str(name);
            copied = at + NAME.len();
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    result.push_str(&text[copied..]);
    Cow::Owned(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commands_get_the_other_name() {
        let is_command = |word: &str| ["update", "get", "rolling-update", "--help"].contains(&word);
        for (text, expected) in [
            ("run `kopsform update cluster` first", "run `kops update cluster` first"),
            (" * roll: kopsform rolling-update cluster\n", " * roll: kops rolling-update cluster\n"),
            ("kopsform get ig && kopsform --help", "kops get ig && kops --help"),
            ("echo 'kopsform get x' $(kopsform get y)", "echo 'kops get x' $(kops get y)"),
            ("which kopsform cannot ask for", "which kopsform cannot ask for"),
            ("/srv/kopsform update", "/srv/kopsform update"),
            ("kopsform.lock, kopsform getting", "kopsform.lock, kopsform getting"),
            ("kopsform", "kopsform"),
        ] {
            assert_eq!(renamed(text, KOPS, is_command), expected, "{text}");
        }
    }
}
