// Package dump prints what a component takes: its flags, its feature gates and, for kube-apiserver, admission plugins and APIs.
package dump

import (
	"encoding/json"
	"os"

	"github.com/spf13/pflag"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
)

// Component is the JSON document that generate.py reads.
type Component struct {
	Flags   []string         `json:"flags"`
	Gates   map[string]*bool `json:"gates"` // the value a gate is locked to, or null
	Plugins []string         `json:"plugins"`
	APIs    []string         `json:"apis"`
}

// Write completes a component's document with its flags and the gates registered in this process, and prints it.
func Write(c Component, fs *pflag.FlagSet) {
	fs.VisitAll(func(f *pflag.Flag) { c.Flags = append(c.Flags, f.Name) })
	c.Gates = map[string]*bool{}
	for name, spec := range utilfeature.DefaultMutableFeatureGate.GetAll() {
		c.Gates[string(name)] = nil
		if spec.LockToDefault {
			value := spec.Default
			c.Gates[string(name)] = &value
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(c); err != nil {
		panic(err)
	}
}
