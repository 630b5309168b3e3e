import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config("floor");

const provider: pulumi.dynamic.ResourceProvider = {
  check: async (_olds, news) => ({ inputs: news }),
  diff: async (_id, olds, news) => ({ changes: olds.value !== news.value }),
  create: async (inputs) => ({ id: inputs.name, outs: inputs }),
  read: async (id, props) => ({ id, props }),
  update: async (_id, _olds, news) => ({ outs: news }),
  delete: async () => {},
};

class Trivial extends pulumi.dynamic.Resource {}

for (let index = 0; index < config.requireNumber("count"); index += 1) {
  new Trivial(provider, `trivial-${index}`, { name: `trivial-${index}`, value: config.require("value") });
}
