//! The Amazon VPC network: pods have addresses of the VPC.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, RollingUpdate, Selector, templates};
use super::versions::{self, Component};
use kopsform_spec::labels;
use kopsform_spec::v1alpha2::AmazonVpcNetworking;

pub(super) const ADDON: Addon = Addon { directory: "amazon-vpc", plan };

/// Settings of the CNI where the spec says nothing.
const DEFAULTS: [(&str, &str); 20] = [
    ("AWS_VPC_CNI_NODE_PORT_SUPPORT", "true"),
    ("AWS_VPC_ENI_MTU", "9001"),
    ("AWS_VPC_K8S_CNI_CONFIGURE_RPFILTER", "false"),
    ("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false"),
    ("AWS_VPC_K8S_CNI_EXTERNALSNAT", "false"),
    ("AWS_VPC_K8S_CNI_LOG_FILE", "/host/var/log/aws-routed-eni/ipamd.log"),
    ("AWS_VPC_K8S_CNI_LOGLEVEL", "DEBUG"),
    ("AWS_VPC_K8S_CNI_RANDOMIZESNAT", "prng"),
    ("AWS_VPC_K8S_CNI_VETHPREFIX", "eni"),
    ("AWS_VPC_K8S_PLUGIN_LOG_FILE", "/var/log/aws-routed-eni/plugin.log"),
    ("AWS_VPC_K8S_PLUGIN_LOG_LEVEL", "DEBUG"),
    ("DISABLE_INTROSPECTION", "false"),
    ("DISABLE_METRICS", "false"),
    ("DISABLE_NETWORK_RESOURCE_PROVISIONING", "false"),
    ("ENABLE_POD_ENI", "false"),
    ("ENABLE_PREFIX_DELEGATION", "false"),
    ("ENABLE_SUBNET_DISCOVERY", "true"),
    ("NETWORK_POLICY_ENFORCING_MODE", "standard"),
    ("WARM_ENI_TARGET", "1"),
    ("WARM_PREFIX_TARGET", "1"),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    release: &'static str,
    image: String,
    init_image: String,
    network_policy_agent_image: String,
    env: BTreeMap<String, String>,
    /// Whether the CNI writes addresses into pods' annotations, for which it needs a right.
    annotates_pods: bool,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let Some(vpc) = scene.networking().and_then(|n| n.amazonvpc.as_ref()) else { return Ok(None) };
    let image = |own: &str, component: Component| match own {
        "" => component.image(scene.minor),
        own => own.to_owned(),
    };
    let env = environment(scene, vpc);
    let values = Values {
        release: versions::AMAZON_VPC_CNI.version(scene.minor),
        image: image(&vpc.image_name, versions::AMAZON_VPC_CNI),
        init_image: image(&vpc.init_image_name, versions::AMAZON_VPC_CNI_INIT),
        network_policy_agent_image: image(&vpc.network_policy_agent_image, versions::AMAZON_VPC_POLICY_AGENT),
        annotates_pods: env.get("ANNOTATE_POD_IP").is_some_and(|value| !value.is_empty()),
        env,
    };
    let content = scene.templates("amazon-vpc", templates!("amazon-vpc": "crds", "rbac", "aws-node"), values)?;
    let plan = Plan::new("networking.amazon-vpc-routed-eni", "k8s-1.16", content);
    Ok(Some(plan.selector(Selector::Networking).rolling_update(RollingUpdate::All)))
}

/// Settings of the CNI: defaults, then the spec's, then what the cluster decides.
fn environment(scene: &AddonContext<'_>, vpc: &AmazonVpcNetworking) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> =
        DEFAULTS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    env.extend(vpc.env.iter().map(|variable| (variable.name.clone(), variable.value.clone())));
    let ipv6 = scene.values.ipv6;
    env.insert("ENABLE_IPv4".to_owned(), (!ipv6).to_string());
    env.insert("ENABLE_IPv6".to_owned(), ipv6.to_string());
    if ipv6 {
        env.insert("ENABLE_PREFIX_DELEGATION".to_owned(), "true".to_owned());
        env.insert("WARM_PREFIX_TARGET".to_owned(), "1".to_owned());
    }
    let cluster = &scene.values.name;
    let tags = json!({ (labels::KUBERNETES_CLUSTER): cluster, (labels::cluster_tag(cluster)): "owned" });
    env.insert("ADDITIONAL_ENI_TAGS".to_owned(), tags.to_string());
    env
}
