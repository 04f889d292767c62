// Removes the sandbox image that belongs to the sources in this folder, broken as they are.
import Docker from "dockerode";
import { dockerOptions } from "../../src/sandbox/providers/docker/engine-socket.ts";
import { imageId } from "../../src/sandbox/providers/docker/image-base.ts";
import { planImage } from "../../src/sandbox/providers/docker/image-build.ts";

const docker = new Docker(await dockerOptions(process.env));
const { ref } = await planImage(docker, "node");
if ((await imageId(docker, ref)) !== undefined) await docker.getImage(ref).remove({ force: true });
