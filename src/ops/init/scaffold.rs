//! The files of a new project, from the templates in `templates/init/`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::choices::{Answers, Dns, Network};
use super::preview;
use kopsform_diagnostics::Report;
use kopsform_template::Template;

/// Files by their paths, with slashes, relative to the directory of the project.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Why the files could not be made. None of these depends on what a user chose.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    #[error("cannot render {file}: {report}")]
    Template { file: &'static str, report: Report },
    #[error("cannot encode the facts: {0}")]
    Encode(#[from] serde_json::Error),
}

macro_rules! embedded {
    ($path:literal) => {
        include_str!(concat!("../../../templates/init/leverage/", $path))
    };
}

/// Files that are the same in every project.
const FIXED: [(&str, &str); 6] = [
    (".gitignore", embedded!("gitignore")),
    ("1-prerequisites/Makefile", embedded!("1-prerequisites/Makefile")),
    ("1-prerequisites/discovery.tf", embedded!("1-prerequisites/discovery.tf")),
    ("1-prerequisites/state.tf", embedded!("1-prerequisites/state.tf")),
    ("2-kops/Makefile", embedded!("2-kops/Makefile")),
    // Its actions are for the outputs of the prerequisites.
    ("2-kops/cluster-template.yml", embedded!("2-kops/cluster-template.yml")),
];

/// Templates of files that depend on the answers.
const RENDERED: [(&str, &str); 7] = [
    ("README.md", embedded!("README.md")),
    ("1-prerequisites/config.tf", embedded!("1-prerequisites/config.tf")),
    ("1-prerequisites/locals.tf", embedded!("1-prerequisites/locals.tf")),
    ("1-prerequisites/outputs.tf", embedded!("1-prerequisites/outputs.tf")),
    ("2-kops/config.tf", embedded!("2-kops/config.tf")),
    ("2-kops/kopsform.yaml", embedded!("2-kops/kopsform.yaml")),
    ("2-kops/preview/kopsform.yaml", embedded!("2-kops/preview/kopsform.yaml")),
];

const NEW_NETWORK: &str = embedded!("1-prerequisites/network-new.tf");
const EXISTING_NETWORK: &str = embedded!("1-prerequisites/network-existing.tf");
const DNS: &str = embedded!("1-prerequisites/dns.tf");

/// The files of a project.
///
/// # Errors
/// If a template of this program is broken, which tests exclude.
pub fn files(answers: &Answers) -> Result<Files, ScaffoldError> {
    let values = values(answers);
    let render = |file: &'static str, template: &str| {
        let rendered = Template::parse(file, template).and_then(|template| template.render(&values));
        rendered.map(String::into_bytes).map_err(|report| ScaffoldError::Template { file, report })
    };
    let mut files: Files = FIXED.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    for (name, template) in RENDERED {
        files.insert(name.to_owned(), render(name, template)?);
    }
    let network = match answers.network {
        Network::New { .. } => NEW_NETWORK,
        Network::Existing { .. } => EXISTING_NETWORK,
    };
    files.insert("1-prerequisites/network.tf".to_owned(), render("network.tf", network)?);
    if answers.dns != Dns::Gossip {
        files.insert("1-prerequisites/dns.tf".to_owned(), render("dns.tf", DNS)?);
    }
    if let Some(key) = &answers.ssh_key {
        files.insert("1-prerequisites/ssh-key.pub".to_owned(), format!("{}\n", key.trim()).into_bytes());
    }
    let outputs = serde_json::to_string_pretty(&preview::outputs(answers))? + "\n";
    files.insert("2-kops/preview/outputs.json".to_owned(), outputs.into_bytes());
    files.insert("2-kops/preview/kopsform.lock".to_owned(), preview::lock(answers)?.into_bytes());
    Ok(files)
}

/// The answers as values of the templates.
fn values(answers: &Answers) -> Value {
    let (vpc, cidr, private, public) = match &answers.network {
        Network::New { cidr } => ("", cidr.as_str(), Vec::new(), Vec::new()),
        Network::Existing { vpc, private, public } => {
            let pairs = |subnets: &[String]| {
                let pairs = answers.zones.iter().zip(subnets);
                pairs.map(|(zone, id)| json!({ "zone": zone, "id": id })).collect::<Vec<_>>()
            };
            (vpc.as_str(), "", pairs(private), pairs(public))
        }
    };
    let shared = answers.shared.as_ref();
    json!({
        "name": answers.name,
        "gossip": answers.dns == Dns::Gossip,
        "region": answers.region,
        "zones": answers.zones,
        "controlPlaneZones": answers.control_plane_zones,
        "environment": answers.environment,
        "kubernetesVersion": answers.kubernetes_version,
        "image": answers.image,
        "controlPlaneSize": answers.control_plane_size,
        "nodeSize": answers.node_size,
        "dns": {
            "type": preview::dns_type(&answers.dns),
            "zone": match &answers.dns {
                Dns::ExistingZone { id, .. } => id.as_str(),
                Dns::Gossip | Dns::NewZone(_) => "",
            },
        },
        "network": { "vpc": vpc, "cidr": cidr, "private": private, "public": public },
        "shared": {
            "vpc": shared.map_or("", |shared| shared.vpc.as_str()),
            "cidr": shared.and_then(|shared| shared.cidr.as_deref()).unwrap_or_default(),
            "profile": shared.and_then(|shared| shared.profile.as_deref()).unwrap_or_default(),
        },
        "adminAccess": answers.admin_access,
        "apiLoadBalancer": preview::load_balancer(answers.api_load_balancer),
        "stateBucket": answers.state_bucket,
        "discoveryBucket": answers.discovery_bucket,
        "sshKey": answers.ssh_key.is_some(),
        "profile": answers.profile.as_deref().unwrap_or_default(),
        "backend": answers.backend.as_deref().unwrap_or_default(),
    })
}
