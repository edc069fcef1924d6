"""Reads the names of a release out of its sources, where running its components is not worth the time.

It sees every feature gate, and most of the rest: not the flags whose names are put together, or that a component takes
from a library. generate.py knows what it can't see from the releases that are both run and read.
"""

import re
from pathlib import Path

# Directories and files with the flags of a component. Those of a module other than k8s.io/kubernetes begin with its name.
OPTIONS = "apiserver/pkg/server/options"
# What kube-controller-manager and kube-scheduler share with API servers.
SERVING = [
    f"{OPTIONS}/serving.go",
    f"{OPTIONS}/serving_with_loopback.go",
    f"{OPTIONS}/authentication.go",
    f"{OPTIONS}/authorization.go",
    "component-base/compatibility",
]
FLAG_SOURCES = {
    "kube-apiserver": [
        "cmd/kube-apiserver",
        "pkg/kubeapiserver",
        "pkg/genericapiserver/options",
        "pkg/controlplane/apiserver/options",
        "plugin/pkg/admission/defaulttolerationseconds",
        OPTIONS,
        "component-base/compatibility",
    ],
    "kube-controller-manager": [
        "cmd/kube-controller-manager",
        "cmd/controller-manager",
        "pkg/client/leaderelection",
        "controller-manager",
        "cloud-provider/options",
        *SERVING,
    ],
    "kube-scheduler": ["cmd/kube-scheduler", "plugin/cmd/kube-scheduler", "pkg/client/leaderelection", *SERVING],
    "kubelet": ["cmd/kubelet", "pkg/kubelet/config", "pkg/credentialprovider"],
    "kube-proxy": ["cmd/kube-proxy"],
}
GATE_SOURCES = [
    "pkg/features",
    "apiserver/pkg/features",
    "apiserver/pkg/util/feature",
    "apiextensions-apiserver/pkg/features",
    "kube-aggregator/pkg/features",
    "component-base",
    "controller-manager/pkg/features",
    "client-go/features",
]

# Flags that every component takes from a library: the sources above say nothing about when they went.
LIBRARY_FLAGS = {
    "add-dir-header", "alsologtostderr", "log-backtrace-at", "log-dir", "log-file", "log-file-max-size", "log-flush-frequency",
    "logtostderr", "one-output", "skip-headers", "skip-log-headers", "stderrthreshold", "v", "vmodule",
}  # fmt: skip
# The flags of this library file went from one component after the other; what counts is what a component calls.
SHARED_FILE = "deprecated_insecure_serving.go"
SHARED_FLAGS = {
    "InsecureServing.AddFlags(": {"insecure-bind-address", "insecure-port"},
    "InsecureServing.AddUnqualifiedFlags(": {"address", "port"},
    "InsecurePortFlags = ": {"insecure-port", "port"},
}

# fs.BoolVar(&s.Field, "name", …), fs.Var(value, "name", …), fs.String("name", …), register(global, local, "name")
FLAG = re.compile(
    r'(?:\.(?:\w+?)?VarP?\(\s*[^"`;]*?|\b(?:fs|flags|flagSet)\.(?:Bool|String|Int|Duration)\(\s*|\bregister(?:Deprecated)?\(global, local, )'
    r'"([a-z][a-z0-9_-]+)"'
)
GATE_CONSTANT = re.compile(r'^\s*(?:const\s+)?(\w+)(?:\s+(?:\w+\.)?Feature)?\s*=\s*(?:(?:\w+\.)?Feature\()?"(\w+)"', re.M)
GATE_KEY = re.compile(r"^\s*(?:\w+\.)?(\w+):\s*\{", re.M)
GATE_SPEC = re.compile(r"\{([^{}]*Default:[^{}]*)\}")
SPEC_VERSION = re.compile(r'Version:\s*version\.MustParse\("1\.(\d+)"\)')
GROUP = re.compile(r'GroupName\s*=\s*"([^"]*)"')
VERSION = re.compile(r'Version:\s*"(v\d\w*)"')
PLUGIN_LIST = re.compile(r"AllOrderedPlugins = \[\]string\{(.*?)\n\}", re.S)
PLUGIN_COMMENT = re.compile(r"^\s*\w+\.\w+,\s*//\s*(\w+)", re.M)
PLUGIN_CALL = re.compile(r'plugins?\.Register\(\s*(?:PluginName|"(\w+)")')
PLUGIN_NAME = re.compile(r'PluginName\s*=\s*"(\w+)"')


class Sources:
    """The directories of one release, by module."""

    def __init__(self, kubernetes: Path, modules: dict[str, Path]):
        self.kubernetes, self.modules = kubernetes, modules

    def files(self, source: str):
        first, _, rest = source.partition("/")
        path = self.modules[first] / rest if first in self.modules else self.kubernetes / source
        # Releases differ in what exists.
        found = [path] if path.is_file() else sorted(path.rglob("*.go"))
        return [f.read_text(errors="replace") for f in found if not f.name.endswith(("_test.go", SHARED_FILE))]


def names(sources: Sources, minor: int) -> dict[str, set[str] | dict[str, bool | None]]:
    """Names by kind: "gate" with what each is locked to, "plugin", "api", and "flag COMPONENT" for each component."""
    found = {"gate": gates(sources, minor), "plugin": plugins(sources), "api": apis(sources)}
    for component, places in FLAG_SOURCES.items():
        text = "\n".join(text for place in places for text in sources.files(place))
        flags = {name.replace("_", "-") for name in FLAG.findall(text)} - LIBRARY_FLAGS
        flags.update(*(shared for call, shared in SHARED_FLAGS.items() if call in text))
        found[f"flag {component}"] = flags
    return found


def gates(sources: Sources, minor: int) -> dict[str, bool | None]:
    text = "\n".join(text for place in GATE_SOURCES for text in sources.files(place))
    constants = dict(GATE_CONSTANT.findall(text))
    found = {}
    for key in GATE_KEY.finditer(text):
        specs = block(text, key.end() - 1)
        # The other blocks of a gate name gates it depends on.
        if key[1] in constants and GATE_SPEC.search(specs):
            found[constants[key[1]]] = lock(specs, minor)
    return found


def block(text: str, start: int) -> str:
    """The braces that open at `start`, with what is in them."""
    depth = 0
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[start : position + 1]
    return text[start:]


def lock(specs: str, minor: int) -> bool | None:
    """What a gate is locked to: one specification, or a list of them of which the newest up to `minor` counts."""
    newest = None
    for spec in GATE_SPEC.findall(specs):
        version = SPEC_VERSION.search(spec)
        if version is None or int(version[1]) <= minor:
            newest = spec
    if newest is None or "LockToDefault: true" not in newest:
        return None
    return bool(re.search(r"\bDefault: true", newest))


def plugins(sources: Sources) -> set[str]:
    for text in sources.files("pkg/kubeapiserver/options"):
        if ordered := PLUGIN_LIST.search(text):
            return set(PLUGIN_COMMENT.findall(ordered[1]))
    # Before 1.10 there is no such list: each plugin's package registers it.
    found = set()
    for text in sources.files("plugin/pkg/admission") + sources.files("apiserver/pkg/admission/plugin"):
        for name in PLUGIN_CALL.findall(text):
            found.update([name] if name else PLUGIN_NAME.findall(text))
    # Versions up to 1.8 call admission.RegisterPlugin.
    for text in sources.files("plugin/pkg/admission"):
        found.update(re.findall(r'RegisterPlugin\(\s*"(\w+)"', text))
    return found


def apis(sources: Sources) -> set[str]:
    found = set()
    for path in sources.kubernetes.glob("pkg/apis/*/v*/register.go"):
        text = path.read_text()
        group, version = GROUP.search(text), VERSION.search(text)
        if group and version:
            found.add(f"{group[1]}/{version[1]}")
    return found
