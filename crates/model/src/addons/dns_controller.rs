//! dns-controller: writes the records of the API and of services, or spreads them by gossip.

use serde::Serialize;
use serde_json::Value;

use super::addon_context::AddonContext;
use super::environment;
use super::plan::{Addon, AddonsError, Content, Plan, templates};
use kopsform_env as env;
use kopsform_spec::v1alpha2::DnsControllerGossipConfig;

pub(super) const ADDON: Addon = Addon { directory: "dns-controller", plan };

/// The name in the channel.
pub(super) const NAME: &str = "dns-controller.addons.k8s.io";

/// Where protokube listens for gossip, by protocol, and where dns-controller does.
const PROTOKUBE_MESH: u16 = 3999;
const PROTOKUBE_MEMBERLIST: u16 = 4000;
const MEMBERLIST: u16 = 3993;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    priority_class_name: &'a str,
    args: Vec<String>,
    env: Vec<Value>,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let plan = |content| Plan::new(NAME, "k8s-1.12", content);
    let external = scene.cluster.spec.external_dns.as_ref();
    if scene.context.uses_no_dns() || external.is_some_and(|dns| dns.provider != "dns-controller") {
        // Without dns-controller, what an earlier one left behind is removed.
        return Ok(Some(plan(Content::Nothing).prune()));
    }
    let priority = external.and_then(|dns| dns.priority_class_name.as_deref());
    let values = Values {
        priority_class_name: priority.unwrap_or("system-cluster-critical"),
        args: arguments(scene),
        env: environment::list(&[("KUBERNETES_SERVICE_HOST", "127.0.0.1")], &environment::proxy(scene)),
    };
    let content = scene.templates("dns-controller", templates!("dns-controller": "dns-controller"), values)?;
    Ok(Some(plan(content)))
}

fn arguments(scene: &AddonContext<'_>) -> Vec<String> {
    let spec = &scene.cluster.spec;
    let mut args = Vec::new();
    match &spec.external_dns {
        None => args.push("--watch-ingress=false".to_owned()),
        Some(dns) => {
            args.push(format!("--watch-ingress={}", dns.watch_ingress == Some(true)));
            if !dns.watch_namespace.is_empty() {
                args.push(format!("--watch-namespace={}", dns.watch_namespace));
            }
        }
    }
    if scene.values.gossip {
        args.push("--dns=gossip".to_owned());
        gossip(spec.dns_controller_gossip_config.as_ref(), &mut args);
    } else if scene.on_gce() {
        args.push("--dns=google-clouddns".to_owned());
    } else {
        // Route 53 is not what it is elsewhere in China.
        let in_china = scene.context.environment.get(env::AWS_REGION).is_some_and(|region| region.starts_with("cn-"));
        args.push(format!("--dns={}", if in_china { "gossip" } else { "aws-route53" }));
    }
    match spec.dns_zone.as_str() {
        "" => {}
        name if name.contains('.') => args.push(format!("--zone={name}")),
        id => args.push(format!("--zone=*/{id}")),
    }
    args.push(format!("--internal-{}", if scene.values.ipv6 { "ipv6" } else { "ipv4" }));
    args.push("--zone=*/*".to_owned());
    args.push("-v=2".to_owned());
    args
}

fn gossip(config: Option<&DnsControllerGossipConfig>, args: &mut Vec<String>) {
    let seed = |port: u16| format!("127.0.0.1:{port}");
    let mut flag = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            args.push(format!("--gossip-{name}={value}"));
        }
    };
    let Some(config) = config else {
        flag("seed", Some(&seed(PROTOKUBE_MESH)));
        flag("protocol-secondary", Some("memberlist"));
        flag("listen-secondary", Some(&format!("0.0.0.0:{MEMBERLIST}")));
        flag("seed-secondary", Some(&seed(PROTOKUBE_MEMBERLIST)));
        return;
    };
    flag("protocol", config.protocol.as_deref());
    flag("listen", config.listen.as_deref());
    flag("secret", config.secret.as_deref());
    flag("seed", Some(config.seed.as_deref().unwrap_or(&seed(PROTOKUBE_MESH))));
    if let Some(second) = &config.secondary {
        flag("protocol-secondary", second.protocol.as_deref());
        flag("listen-secondary", second.listen.as_deref());
        flag("secret-secondary", second.secret.as_deref());
        flag("seed-secondary", Some(second.seed.as_deref().unwrap_or(&seed(PROTOKUBE_MEMBERLIST))));
    }
}
