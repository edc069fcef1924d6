//! `get keypairs`.

use super::output::{Format, rows};
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation, table};
use crate::ops::get::{self, Keypair};
use kopsform_diagnostics::exit::ExitCode;

/// Show the keypairs of a cluster
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct GetKeypairsArgs {
    /// Names of keysets [default: all]
    #[arg(value_name = "KEYSET")]
    keysets: Vec<String>,
    /// Include distrusted keypairs
    #[arg(long)]
    distrusted: bool,
}

const EXAMPLES: &str = "\
Examples:
  All keypairs, also those that are no longer trusted
    kopsform get keypairs --name demo.example.com --distrusted

  The certificate authority
    kopsform get keypairs kubernetes-ca --name demo.example.com -o json
";

impl GetKeypairsArgs {
    pub(super) async fn run(self, invocation: &Invocation, format: Format) -> Result<ExitCode, CliError> {
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let state = invocation.state_store()?;
        let (keypairs, warnings) = get::keypairs(&state, &cluster, &self.keysets, self.distrusted).await?;
        for warning in &warnings {
            invocation.ui.warn(warning);
        }
        let text = match format {
            Format::Table if self.distrusted => {
                let cells = keypairs.iter().map(|pair| {
                    let [name, id, issued, expires, primary, private] = cells(pair);
                    [name, id, issued, expires, day(pair.distrust_timestamp.as_deref()), primary, private]
                });
                let header = ["NAME", "ID", "ISSUED", "EXPIRES", "DISTRUSTED", "PRIMARY", "HASPRIVATE"];
                table::render(header, cells.collect())
            }
            Format::Table => {
                let header = ["NAME", "ID", "ISSUED", "EXPIRES", "PRIMARY", "HASPRIVATE"];
                table::render(header, keypairs.iter().map(cells).collect())
            }
            _ => rows(&keypairs, format)?,
        };
        invocation.ui.data(&text);
        Ok(ExitCode::Done)
    }
}

fn cells(pair: &Keypair) -> [String; 6] {
    let star = |yes: bool| if yes { "*".to_owned() } else { String::new() };
    [
        pair.name.clone(),
        pair.id.clone(),
        day(pair.not_before.as_deref()),
        day(pair.not_after.as_deref()),
        star(pair.is_primary),
        star(pair.has_private_key),
    ]
}

/// The date of a timestamp in the local time zone.
fn day(time: Option<&str>) -> String {
    let time = time.and_then(|time| time.parse::<jiff::Timestamp>().ok());
    time.map(|time| time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}
