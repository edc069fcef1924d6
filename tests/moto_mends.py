"""What moto 5.2.1 does otherwise than AWS, set right for the simulated AWS of the tests.

Importing this is enough. Each mend says what AWS does; drop it when moto does the same.
"""
import functools
import re

import moto.ec2.models.elastic_network_interfaces as network_interface_models
import moto.elbv2.models as elbv2_models
from moto.autoscaling.responses import AutoScalingResponse
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.subnets import Subnet
from moto.ec2.responses.dhcp_options import DHCPOptions
from moto.ec2.responses.subnets import Subnets
from moto.elb.models import LoadBalancer


def mend(owner):
    """Puts a function in the place of the method of its name; it gets that method, bound, before the arguments."""
    def put(function):
        original = getattr(owner, function.__name__)

        @functools.wraps(original)
        def mended(self, *args, **kwargs):
            return function(self, functools.partial(original, self), *args, **kwargs)
        setattr(owner, function.__name__, mended)
        return function
    return put


@mend(InstanceBackend)
def run_instances(self, original, *args, **kwargs):
    """A launch template's instance store is a mapping without a volume: it keeps no instance from starting."""
    if kwargs.get("launch_template") and "block_device_mappings" not in kwargs:
        mappings = self._get_template_from_args(kwargs["launch_template"]).data.get("BlockDeviceMappings") or []
        if any("Ebs" not in m for m in mappings):
            kwargs["block_device_mappings"] = [m for m in mappings if "Ebs" in m]
    return original(*args, **kwargs)


@mend(LaunchTemplate)
def __init__(self, original, backend, name, template_data, *args, **kwargs):
    """Tags of the template itself are none that its instances get."""
    own = template_data.get("TagSpecifications")
    if own:
        template_data["TagSpecifications"] = [s for s in own if s["ResourceType"] != "launch-template"]
    original(backend, name, template_data, *args, **kwargs)


@mend(Subnets)
def modify_subnet_attribute(self, original):
    """A subnet keeps all that is said of its instances' names."""
    result = original()
    subnet = self.ec2_backend.get_subnet(self._get_param("SubnetId"))
    options = subnet.private_dns_name_options_on_launch
    for attribute, option in (("EnableResourceNameDnsAAAARecordOnLaunch.Value", "EnableResourceNameDnsAAAARecord"),
                              ("PrivateDnsHostnameTypeOnLaunch", "HostnameType")):
        if self._get_param(attribute) is not None:
            options[option] = self._get_param(attribute)
    if self._get_param("EnableDns64.Value") is not None:
        subnet.enable_dns64 = self._get_param("EnableDns64.Value")
    return result


@mend(Subnet)
def get_filter_value(self, original, name, method=None):
    """A subnet is found by its IPv6 blocks."""
    if name == "ipv6-cidr-block-association.association-id":
        return list(self.ipv6_cidr_block_associations)
    return original(name, method)


@mend(Subnet)
def __init__(self, original, *args, **kwargs):
    """A subnet counts its free IPv4 addresses, of which one for IPv6 alone has none."""
    original(*args, **kwargs)
    if self.ipv6_native:
        self._available_ip_addresses = 0


def host_name(address, dns_type="internal"):
    """The name of an instance by its address, of either family."""
    return f"ip-{re.sub('[.:]+', '-', str(address))}.ec2.{dns_type}"


network_interface_models.generate_dns_from_ip = host_name

# The state of an IPv6 block is a word.
Subnet.ipv6_cidr_block_association_set = property(lambda self: [
    {"associationId": block["associationId"], "ipv6CidrBlock": block["ipv6CidrBlock"], "ipv6CidrBlockState": {"state": state}}
    for block in self.ipv6_cidr_block_associations.values() if (state := block["ipv6CidrBlockState"]["State"]) == "associated"
])

# A classic load balancer's name is in a hosted zone of AWS, that of us-east-1 here.
LoadBalancer.canonical_hosted_zone_name_id = "Z35SXDOTRQ7X7K"


class Patterns:
    """The module `re`, for which a target group's name may have two hyphens in a row: only the console of AWS minds them."""

    def __getattr__(self, name):
        return getattr(re, name)

    def match(self, pattern, text):
        return re.match(pattern.replace("(?!.*--)", ""), text)


elbv2_models.re = Patterns()


@mend(AutoScalingResponse)
def put_lifecycle_hook(self, original):
    """A hook notifies whom it was told of."""
    result = original()
    name, group = self._get_param("LifecycleHookName"), self._get_param("AutoScalingGroupName")
    hook = self.autoscaling_backend.lifecycle_hooks[f"{group}_{name}"]
    hook.role_arn, hook.notification_target_arn = self._get_param("RoleARN"), self._get_param("NotificationTargetARN")
    return result


@mend(AutoScalingResponse)
def create_auto_scaling_group(self, original):
    """A group keeps how long its instances may live."""
    result = original()
    keep_instance_lifetime(self)
    return result


@mend(AutoScalingResponse)
def update_auto_scaling_group(self, original):
    """A group keeps how long its instances may live."""
    result = original()
    keep_instance_lifetime(self)
    return result


def keep_instance_lifetime(response):
    lifetime = response._get_int_param("MaxInstanceLifetime")
    if lifetime is not None:
        group = response.autoscaling_backend.autoscaling_groups[response._get_param("AutoScalingGroupName")]
        group.max_instance_lifetime = lifetime or None


@mend(DHCPOptions)
def create_dhcp_options(self, original):
    """DHCP options have the tags that they are made with."""
    result = original()
    tags = self._parse_tag_specification().get("dhcp-options", {})
    self.ec2_backend.create_tags([result.result["DhcpOptions"].id], tags)
    return result
