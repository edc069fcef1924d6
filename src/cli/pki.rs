//! `pki`: the state of a cluster's keys.

use std::time::Duration;

use super::output::{Format, OutputArgs, encoded};
use super::style::Paint;
use super::target::Context;
use super::{CliError, Invocation, table};
use crate::ops::keypairs::{self, Stage};
use crate::ops::pki_report::{self, ReportRow, Usage, Validity};
use kopsform_diagnostics::exit::ExitCode;

/// Show when keys expire and rotate them
#[derive(Debug, clap::Args)]
pub struct PkiArgs {
    #[command(subcommand)]
    command: PkiCommand,
}

#[derive(Debug, clap::Subcommand)]
enum PkiCommand {
    Report(ReportArgs),
    Rotate(RotateArgs),
}

impl PkiArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            PkiCommand::Report(args) => args.run(invocation).await,
            PkiCommand::Rotate(args) => args.run(invocation).await,
        }
    }
}

/// Show when the certificates of a cluster expire
///
/// Exits with code 2 if a trusted certificate has expired or expires within the duration of --warn.
#[derive(Debug, clap::Args)]
#[command(after_long_help = REPORT_EXAMPLES)]
struct ReportArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// Also report certificates that expire within this duration, such as 90d or 720h
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    warn: Option<Duration>,
    /// Output format: table, yaml or json
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Table)]
    output: ReportFormat,
}

const REPORT_EXAMPLES: &str = "\
Examples:
  All certificates
    kopsform pki report demo.example.com

  Fail in a scheduled job when one expires within 90 days
    kopsform pki report demo.example.com --warn 90d
";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ReportFormat {
    Table,
    Yaml,
    Json,
}

impl ReportArgs {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let cluster = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let warn = self.warn.map_or(0, |warn| i64::try_from(warn.as_secs()).unwrap_or(i64::MAX));
        let state = invocation.state_store()?;
        let (rows, warnings) = pki_report::report(&state, &cluster, jiff::Timestamp::now(), warn).await?;
        for warning in &warnings {
            invocation.ui.warn(warning);
        }
        match self.output {
            ReportFormat::Table => invocation.ui.painted(Paint::States, &report_table(&rows)),
            ReportFormat::Yaml => invocation.ui.data(&encoded(&rows, Format::Yaml)?),
            ReportFormat::Json => invocation.ui.data(&encoded(&rows, Format::Json)?),
        }
        Ok(if pki_report::needs_attention(&rows) { ExitCode::ChangeNeeded } else { ExitCode::Done })
    }
}

fn report_table(rows: &[ReportRow]) -> String {
    let cells = rows.iter().map(|row| {
        [
            row.keyset.clone(),
            row.id.clone(),
            match row.usage {
                Usage::Primary => "signs",
                Usage::Trusted => "trusted",
                Usage::Distrusted => "distrusted",
            }
            .to_owned(),
            row.expires.as_deref().map(|time| time.chars().take(10).collect()).unwrap_or_default(),
            row.days_left.map(|days| days.to_string()).unwrap_or_default(),
            match row.state {
                Validity::Valid => "valid",
                Validity::Expiring => "expiring",
                Validity::Expired => "expired",
            }
            .to_owned(),
            row.purpose.to_owned(),
        ]
    });
    table::render(["KEYSET", "ID", "USAGE", "EXPIRES", "DAYS", "STATE", "FOR"], cells.collect())
}

/// Rotate keys in stages
///
/// Without --stage, shows the stage of each keyset. After each stage, update the cluster and replace its instances before the
/// next one: `update cluster`, `terraform apply`, `rolling-update cluster`. Repeating a stage changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = ROTATE_EXAMPLES)]
struct RotateArgs {
    /// The keyset, or `all`
    #[arg(value_name = "KEYSET", default_value = "all")]
    keyset: String,
    /// Stage to perform
    #[arg(long, value_enum)]
    stage: Option<RotateStage>,
    #[command(flatten)]
    output: OutputArgs,
}

const ROTATE_EXAMPLES: &str = "\
Examples:
  Which stage each keyset is at
    kopsform pki rotate --name demo.example.com

  Rotate the certificate authority; update and roll the cluster after each stage
    kopsform pki rotate kubernetes-ca --name demo.example.com --stage create
    kopsform pki rotate kubernetes-ca --name demo.example.com --stage promote
    kopsform pki rotate kubernetes-ca --name demo.example.com --stage distrust
";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum RotateStage {
    /// Add a new keypair, which is trusted and does not sign yet
    Create,
    /// Make the newest keypair the primary, which signs
    Promote,
    /// Distrust keypairs older than the primary
    Distrust,
}

impl RotateArgs {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let state = invocation.state_store()?;
        let holder = invocation.holder("pki rotate");
        let (done, verb) = match self.stage {
            None => {
                let stages = keypairs::stages(&state, &cluster, &self.keyset).await?;
                let stages = stages.into_iter().map(|(keyset, stage)| {
                    let (stage, now, next) = match stage {
                        Stage::Settled => ("settled", "settled", "create"),
                        Stage::Added => ("added", "new keypair added", "promote"),
                        Stage::Promoted => ("promoted", "new keypair is primary", "distrust"),
                    };
                    (
                        [keyset.clone(), now.to_owned(), format!("--stage {next}")],
                        serde_json::json!({ "keyset": keyset, "stage": stage, "next": next }),
                    )
                });
                let (rows, values): (Vec<_>, Vec<_>) = stages.unzip();
                let text = table::render(["KEYSET", "STAGE", "NEXT"], rows);
                self.output.report(&invocation.ui, &text, &values)?;
                return Ok(ExitCode::Done);
            }
            Some(RotateStage::Create) => {
                let source = invocation.key_source()?;
                (keypairs::add_where_settled(&state, &cluster, &self.keyset, source, &holder).await?, "Created")
            }
            Some(RotateStage::Promote) => {
                (keypairs::promote(&state, &cluster, &self.keyset, None, &holder).await?, "Promoted")
            }
            Some(RotateStage::Distrust) => {
                let now = jiff::Timestamp::now();
                (keypairs::distrust(&state, &cluster, &self.keyset, &[], now, &holder).await?, "Distrusted")
            }
        };
        let changed = done.iter().filter(|acted| acted.changed);
        let text: String = changed.map(|acted| format!("{verb} {} {}\n", acted.keyset, acted.id)).collect();
        self.output.report(&invocation.ui, &text, &done)?;
        if text.is_empty() {
            invocation.ui.note("Nothing to do at this stage");
        }
        Ok(ExitCode::Done)
    }
}

/// Parses a duration in Go's notation or in days, the unit of certificate lifetimes.
fn parse_duration(text: &str) -> Result<Duration, String> {
    if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok()) {
        return days
            .checked_mul(24 * 3600)
            .map(Duration::from_secs)
            .ok_or_else(|| "the duration is too long".to_owned());
    }
    let parsed: kopsform_spec::meta::Duration =
        text.parse().map_err(|_| "expected a duration such as 90d or 720h".to_owned())?;
    u64::try_from(parsed.as_secs()).map(Duration::from_secs).map_err(|_| "the duration is negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_can_be_in_days() {
        assert_eq!(parse_duration("90d"), Ok(Duration::from_secs(90 * 24 * 3600)));
        assert_eq!(parse_duration("36h"), Ok(Duration::from_secs(36 * 3600)));
        for bad in ["", "soon", "-1h", "99999999999999999999d", "18446744073709551615d"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
