package main

import (
	"github.com/spf13/pflag"
	_ "k8s.io/kubernetes/cmd/kubelet/app" // registers the feature gates
	"k8s.io/kubernetes/cmd/kubelet/app/options"

	"table/dump"
)

// The kubelet parses its flags by itself, so its command has none; these are the sets it puts together.
func main() {
	fs := pflag.NewFlagSet("kubelet", pflag.ContinueOnError)
	options.NewKubeletFlags().AddFlags(fs)
	config, err := options.NewKubeletConfiguration()
	if err != nil {
		panic(err)
	}
	options.AddKubeletConfigFlags(fs, config)
	options.AddGlobalFlags(fs)
	dump.Write(dump.Component{}, fs)
}
