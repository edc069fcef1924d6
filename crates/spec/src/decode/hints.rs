//! Hints for unknown fields: where a field of this name belongs, or how it is called.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::decode::ApiObject;
use crate::field_schema::{FieldSchema, Fields};
use crate::v1alpha2::{Cluster, InstanceGroup};

/// How deep fields are looked for.
const DEPTH: u8 = 6;
/// How many fields a hint may choose from. Among more fields of one name, such as `enabled`, none is more likely than the others.
const MAX_PLACES: usize = 2;

/// Where a field of this name belongs: a field of this kind of object before those of others, and one close to where it was written.
pub(super) fn elsewhere(root: &'static FieldSchema, path: &str, name: &str) -> Option<String> {
    let kinds = [(Cluster::KIND, Cluster::shape(), &*CLUSTER), (InstanceGroup::KIND, InstanceGroup::shape(), &*GROUP)];
    let Some((_, _, own)) = kinds.iter().find(|(_, shape, _)| std::ptr::eq(*shape, root)) else {
        return nearest_place(&places_of(root), path, name).map(|place| format!("{name} belongs at {place}"));
    };
    let others = || kinds.iter().filter(|(_, shape, _)| !std::ptr::eq(*shape, root));
    let direct = format!("spec.{name}");
    let is_direct = |places: &Places| places.get(name).is_some_and(|places| places.contains(&direct));
    // A field that another kind has in its spec, and this one only somewhere inside, is meant for the other kind.
    if path.strip_prefix("spec.") == Some(name)
        && !is_direct(own)
        && let Some((kind, _, _)) = others().find(|(_, _, places)| is_direct(places))
    {
        return Some(format!("{name} is a field of {kind}: {direct}"));
    }
    if let Some(place) = nearest_place(own, path, name) {
        return Some(format!("{name} belongs at {place}"));
    }
    others().find_map(|(kind, _, places)| {
        let place = nearest_place(places, path, name)?;
        Some(format!("{name} is a field of {kind}: {place}"))
    })
}

/// Field name → the paths at which a kind has it, in the order of the schema.
type Places = BTreeMap<String, Vec<String>>;

static CLUSTER: LazyLock<Places> = LazyLock::new(|| places_of(Cluster::shape()));
static GROUP: LazyLock<Places> = LazyLock::new(|| places_of(InstanceGroup::shape()));

fn places_of(root: &FieldSchema) -> Places {
    fn collect(shape: &FieldSchema, path: &str, places: &mut Places, depth: u8) {
        match shape {
            FieldSchema::Object(fields) if depth > 0 => {
                for (field, inner) in fields.iter() {
                    let inner_path = if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") };
                    // `kind`, `apiVersion` and similar fields are valid at the top level.
                    if !path.is_empty() {
                        places.entry(field.to_owned()).or_default().push(inner_path.clone());
                    }
                    collect(&inner.shape, &inner_path, places, depth - 1);
                }
            }
            FieldSchema::List(inner) => collect(inner, &format!("{path}[]"), places, depth),
            _ => {}
        }
    }
    let mut places = Places::new();
    collect(root, "", &mut places, DEPTH);
    places
}

/// The field of the spec itself; otherwise the path that shares most with the one that was written, and of those the shortest.
fn nearest_place(places: &Places, path: &str, name: &str) -> Option<String> {
    let places = places.get(name)?;
    let direct = format!("spec.{name}");
    if places.contains(&direct) {
        return Some(direct);
    }
    let steps = |path: &str| path.split('.').map(|step| step.split('[').next().unwrap_or(step).to_owned()).collect();
    let written: Vec<String> = steps(path);
    let score = |place: &&String| {
        let own: Vec<String> = steps(place);
        let common = own.iter().zip(&written).take_while(|(a, b)| a == b).count();
        (std::cmp::Reverse(common), own.len())
    };
    let best = places.iter().map(|place| score(&place)).min()?;
    let mut nearest = places.iter().filter(|place| score(place) == best);
    let first = nearest.next()?;
    (nearest.count() < MAX_PLACES).then(|| first.clone())
}

/// What a field is called here that other tools, or AWS itself, call by another name.
pub(super) fn synonym(root: &'static FieldSchema, fields: &Fields, path: &str, name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let (_, meant) = SYNONYMS.iter().find(|(names, _)| names.contains(&lower.as_str()))?;
    if let Some(field) = meant.iter().find(|field| fields.get(field).is_some()) {
        return Some(format!("did you mean {field}?"));
    }
    let parent = path.strip_suffix(name).unwrap_or(path);
    // The name itself is known below the field at hand, as `volumeSize` is to members of an etcd cluster.
    let below = |places: &Places| {
        let plain = |path: &str| {
            path.split('.').map(|step| step.split('[').next().unwrap_or(step)).collect::<Vec<_>>().join(".")
        };
        let parent = plain(parent.trim_end_matches('.'));
        parent != "spec" && places.get(name).is_some_and(|places| places.iter().any(|p| plain(p).starts_with(&parent)))
    };
    let own = if std::ptr::eq(root, Cluster::shape()) { &CLUSTER } else { &GROUP };
    if below(own) {
        return None;
    }
    meant.iter().find_map(|field| elsewhere(root, &format!("{parent}{field}"), field))
}

/// Names in lower case, and the fields they stand for.
const SYNONYMS: &[(&[&str], &[&str])] = &[
    (&["volumesize", "disksize", "rootdisksize", "rootsize"], &["rootVolumeSize", "size"]),
    (&["volumetype", "disktype", "rootdisktype"], &["rootVolumeType", "type"]),
    (&["volumeiops"], &["rootVolumeIops", "iops"]),
    (&["volumethroughput"], &["rootVolumeThroughput", "throughput"]),
    (&["volumeencryption", "encryptvolume", "encryptrootvolume"], &["rootVolumeEncryption", "encrypted"]),
    (&["instancetype", "instancesize", "nodesize", "vmsize", "flavor"], &["machineType"]),
    (&["instancetypes", "machinetypes"], &["instances"]),
    (&["ami", "amiid", "imageid", "imagename", "machineimage"], &["image"]),
    (&["tags", "resourcetags", "awstags"], &["cloudLabels"]),
    (&["spotprice", "maxspotprice", "spotmaxprice", "bidprice"], &["maxPrice"]),
    (
        &["securitygroups", "securitygroupids", "extrasecuritygroups", "vpcsecuritygroupids"],
        &["additionalSecurityGroups"],
    ),
    (&["vpcid", "vpc", "networkid"], &["networkID"]),
    (&["vpccidr", "vpccidrblock", "cidrblock"], &["cidr", "networkCIDR"]),
    (&["podsubnet", "podnetworkcidr", "clustercidr"], &["podCIDR"]),
    (&["servicesubnet", "servicecidr", "serviceiprange"], &["serviceClusterIPRange"]),
    (&["availabilityzone", "az"], &["zone"]),
    (&["availabilityzones", "azs"], &["zones"]),
    (&["subnetid", "subnetids", "subnetnames", "vpczoneidentifier"], &["id", "subnets"]),
    (&["mincount", "minnodes", "min"], &["minSize"]),
    (&["maxcount", "maxnodes", "max"], &["maxSize"]),
    (&["desiredcapacity", "desiredsize", "count", "replicas", "nodecount"], &["minSize"]),
    (&["keyname", "keypair", "sshkey", "ec2keyname"], &["sshKeyName"]),
    (&["userdata"], &["additionalUserData"]),
    (&["iaminstanceprofile", "instanceprofile"], &["profile"]),
    (&["associatepublicipaddress", "publicip"], &["associatePublicIp"]),
    (&["labels"], &["nodeLabels", "cloudLabels"]),
    (&["version", "k8sversion"], &["kubernetesVersion"]),
    (&["clusterdomain", "dnsdomain"], &["clusterDNSDomain"]),
    (&["cni", "networkplugin"], &["networking"]),
    (&["hostedzone", "hostedzoneid", "zoneid"], &["dnsZone"]),
    (&["targetgroups", "targetgrouparns"], &["externalLoadBalancers"]),
    (&["members"], &["etcdMembers"]),
];

/// The hint for a key that is the value of one of the fields here, and has the field's name as its value: `aws: cloudProvider`.
pub(super) fn swapped(fields: &Fields, name: &str, value: Option<&str>) -> Option<String> {
    let value = value.filter(|value| fields.get(value).is_some())?;
    Some(format!("the field comes first: write `{value}: {name}`"))
}

/// What v1alpha2 calls a field that kops knows under another name inside.
pub(super) fn present_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "controlPlaneKubelet" => "v1alpha2 calls it masterKubelet",
        "isolateControlPlane" => "v1alpha2 calls it isolateMasters",
        "rootVolume" => "v1alpha2 has rootVolumeSize, rootVolumeType, rootVolumeIops and so on instead",
        "configStore" => "v1alpha2 has configBase, keyStore and secretStore instead",
        "externalCloudControllerManager" => "v1alpha2 calls it cloudControllerManager",
        "publicName" => "v1alpha2 calls it spec.masterPublicName",
        "access" => "v1alpha2 calls it spec.kubernetesApiAccess",
        "tagSubnets" => "v1alpha2 has DisableSubnetTags instead, which is inverted",
        "oidc" => "v1alpha2 has the fields spec.kubeAPIServer.oidc… instead",
        _ => return None,
    })
}
