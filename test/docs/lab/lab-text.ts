import { readFileSync } from "node:fs";
import { parseConfiguration } from "../../../stacks/parse-configuration.ts";
import { type LabHost, labConfiguration, ROOT } from "../../e2e/lab-environment.ts";
import { labHost, labImage } from "../../e2e/services-stack.ts";

/** A text of the documentation, with the lab's addresses, keys and images where it has those that stand for the reader's. */
export function toLabText(text: string): string {
  return withPackageVersion(withHostKeys(withImages(withAddresses(text))));
}

/** The last number of an address tells the host, in the documentation as in the lab. */
function withAddresses(text: string): string {
  const { publicAddress = "", privateAddress } = labHost("front-1");
  return text
    .replaceAll("203.0.113.", networkOf(publicAddress))
    .replaceAll("10.0.0.", networkOf(privateAddress));
}

function networkOf(address: string): string {
  return address.replace(/\d+$/, "");
}

/** The public images of which an environment has one by default, of any tag; and the example's registry. */
function withImages(text: string): string {
  const { images } = parseConfiguration({ from: ["any"], deploy: ["web"], hasGrafanaPassword: true });
  const registry = labImage("web").replace(/\/.*/, "");
  return Object.entries(images as Record<string, string>)
    .reduce((left, [name, image]) => left.replace(ofAnyTag(image), `"${labImage(name)}"`), text)
    .replaceAll("registry.example.com/", `${registry}/`);
}

function ofAnyTag(image: string): RegExp {
  return new RegExp(`"${image.replace(/:.*/, "")}:[\\w.-]+"`, "g");
}

/** A key is that of the host whose address stands before it. */
function withHostKeys(text: string): string {
  const hosts = labConfiguration().config["rundock:hosts"];
  return text.replace(/ssh-ed25519 AAAAC3Nz…/g, (_, offset: number) => {
    const before = text.slice(0, offset);
    const placeOf = ({ address }: LabHost) => before.lastIndexOf(`"${address}"`);
    const [nearest] = [...hosts].sort((a, b) => placeOf(b) - placeOf(a));
    if (!nearest || placeOf(nearest) < 0)
      throw new Error(`no host's address stands before the key in:\n${text}`);
    return nearest.hostKey;
  });
}

/** The newest SDK would come from the network, and may not fit the lab's CLI. */
function withPackageVersion(text: string): string {
  const { devDependencies } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8"));
  return text.replace(
    /(npm install .*)(@pulumi\/pulumi)(?=\s|$)/,
    `$1$2@${devDependencies["@pulumi/pulumi"]}`,
  );
}
