//! DHCP options.

use aws_sdk_ec2::types as ec2;

use super::support::{all, matching, plain, sent_once, tagged, tags_value, with_id};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::aws::resources::DhcpOptions;
use kopsform_rolling::ports::ApiError;

const DOMAIN_NAME: &str = "domain-name";
const DOMAIN_NAME_SERVERS: &str = "domain-name-servers";

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<DhcpOptions>(TaskKind::DhcpOptions);
    if wanted.is_empty() {
        return Ok(found);
    }
    let call = search.cloud.clients.ec2().describe_dhcp_options().set_filters(Some(search.cloud.of_cluster()));
    let all: Vec<ec2::DhcpOptions> = all!(call, "DescribeDhcpOptions")?;
    for (task, _) in wanted {
        let Some(options) = matching(task, &all, ec2::DhcpOptions::dhcp_options_id, ec2::DhcpOptions::tags)? else {
            continue;
        };
        let values = |key: &str| {
            let configurations = options.dhcp_configurations().iter().filter(move |c| c.key() == Some(key));
            let values: Vec<String> =
                configurations.flat_map(|c| c.values()).filter_map(|v| v.value().map(str::to_owned)).collect();
            values
        };
        let object = Object::new(options.dhcp_options_id().unwrap_or_default())
            .field("DomainName", values(DOMAIN_NAME).join(" "))
            .field("DomainNameServers", Value::list(values(DOMAIN_NAME_SERVERS)))
            .field("Tags", tags_value(options.tags()));
        found.objects.insert(task.id.clone(), object);
    }
    Ok(found)
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let options = cloud.resource::<DhcpOptions>(operation.task)?;
    let option =
        |key: &str, values: Vec<String>| ec2::NewDhcpConfiguration::builder().key(key).set_values(Some(values)).build();
    let call = cloud
        .clients
        .ec2()
        .create_dhcp_options()
        .dhcp_configurations(option(DOMAIN_NAME, vec![options.domain_name.clone()]))
        .dhcp_configurations(option(DOMAIN_NAME_SERVERS, options.domain_name_servers.clone()))
        .set_tag_specifications(tagged(ec2::ResourceType::DhcpOptions, &plain(&options.tags)));
    let created = sent_once!(call, "CreateDhcpOptions")?;
    Ok(with_id(created.dhcp_options().and_then(|options| options.dhcp_options_id()).unwrap_or_default()))
}
