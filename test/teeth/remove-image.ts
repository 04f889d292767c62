// Removes the sandbox image that belongs to the sources in this folder, broken as they are.
import Docker from "dockerode";
import { dockerOptions } from "../../src/sandbox/providers/docker/engine-socket.ts";
import { contentHash } from "../../src/sandbox/providers/docker/image.ts";
import { imageId } from "../../src/sandbox/providers/docker/image-base.ts";
import { contextFiles } from "../../src/sandbox/providers/docker/image-context.ts";
import { toolchainFor } from "../../src/sandbox/providers/docker/image-toolchain.ts";

const docker = new Docker(await dockerOptions(process.env));
const { Arch } = await docker.version();
const ref = `dunlin/node:${contentHash(await contextFiles("node"), toolchainFor(Arch))}`;
if ((await imageId(docker, ref)) !== undefined) await docker.getImage(ref).remove({ force: true });
