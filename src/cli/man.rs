//! `man`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{CliError, Invocation, RELEASE, help, tree};
use kopsform_diagnostics::exit::{ExitCode, MEANINGS};
use kopsform_env as env;

/// Write manual pages
///
/// Writes one page per command, in section 1: kopsform.1, kopsform-update-cluster.1 and so on.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ManArgs {
    /// Output directory
    #[arg(long, value_name = "DIR", default_value = "man")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  Install the pages for this user
    kopsform man --out ~/.local/share/man/man1
";

impl ManArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let failed = |error: std::io::Error| {
            CliError::message(format!("cannot write manual pages to {}: {error}", self.out.display()))
        };
        std::fs::create_dir_all(&self.out).map_err(failed)?;
        let mut root = tree().disable_help_subcommand(true);
        root.build();
        write_pages(&root, "", &self.out).map_err(failed)?;
        invocation.ui.note(&format!("wrote {}", self.out.display()));
        Ok(ExitCode::Done)
    }
}

/// Writes the page of a command and those of the commands below it. `path` is its name without that of the program.
fn write_pages(command: &Command, path: &str, out: &Path) -> std::io::Result<()> {
    let shown = || command.get_subcommands().filter(|sub| !sub.is_hide_set());
    for sub in shown() {
        write_pages(sub, format!("{path} {}", sub.get_name()).trim(), out)?;
    }
    let man = Man::new(command.clone()).source(format!("kopsform {RELEASE}")).manual("kopsform manual");
    let mut page = std::fs::File::create(out.join(man.get_filename()))?;
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if shown().next().is_some() {
        commands(command, path.is_empty()).to_writer(&mut page)?;
    }
    if command.get_arguments().any(|arg| !arg.is_hide_set()) {
        man.render_options_section(&mut page)?;
    }
    if let Some(examples) = command.get_after_long_help() {
        self::examples(&examples.to_string()).to_writer(&mut page)?;
    }
    exit_status(path).to_writer(&mut page)?;
    environment().to_writer(&mut page)?;
    see_also(path).to_writer(&mut page)?;
    page.flush()
}

/// The commands below a command: those of the program by topic.
fn commands(command: &Command, is_root: bool) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    let list = |roff: &mut Roff, sub: &Command| {
        let name = sub.get_display_name().unwrap_or(sub.get_name());
        roff.control("TP", []);
        roff.text([bold(format!("{name}(1)"))]);
        roff.text([roman(sub.get_about().map(ToString::to_string).unwrap_or_default())]);
    };
    if is_root {
        for group in &help::GROUPS {
            roff.control("SS", [group.title]);
            group.commands.iter().filter_map(|name| command.find_subcommand(name)).for_each(|sub| list(&mut roff, sub));
        }
    } else {
        command.get_subcommands().filter(|sub| !sub.is_hide_set()).for_each(|sub| list(&mut roff, sub));
    }
    roff
}

/// Examples with their line breaks.
fn examples(text: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    roff.control("nf", []);
    for line in text.trim_end().lines().skip_while(|line| *line == "Examples:") {
        roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    roff.control("fi", []);
    roff
}

fn exit_status(path: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    let all: Vec<(ExitCode, &str)> = MEANINGS.to_vec();
    for (code, meaning) in if path.is_empty() { all } else { help::codes_of(path).collect() } {
        roff.control("TP", []);
        roff.text([bold((code as u8).to_string())]);
        roff.text([roman(meaning.replace('`', ""))]);
    }
    roff
}

fn environment() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["ENVIRONMENT"]);
    for variable in env::ALL {
        roff.control("TP", []);
        roff.text([bold(variable.name)]);
        let about = variable.about.split_whitespace().collect::<Vec<_>>().join(" ");
        roff.text([roman(about.replace('`', ""))]);
    }
    roff
}

/// The pages above a command.
fn see_also(path: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let words: Vec<&str> = path.split(' ').filter(|word| !word.is_empty()).collect();
    let pages = (0..words.len()).map(|depth| [&["kopsform"], &words[..depth]].concat().join("-"));
    let pages: Vec<String> = pages.chain(["kubectl".to_owned(), "terraform".to_owned()]).collect();
    roff.text([roman(format!("{}(1)", pages.join("(1), ")))]);
    roff
}
