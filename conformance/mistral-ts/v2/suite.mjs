import { Mistral } from "@mistralai/mistralai";
import { lifeCycle } from "../life-cycle.mjs";

await lifeCycle(Mistral, process.env.LUTHIER_TEST_MODEL, { anyModel: true, signedUrl: true, wholeStreams: true, classifiers: true });
