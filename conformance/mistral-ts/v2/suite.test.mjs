import { Mistral } from "@mistralai/mistralai";
import { lifeCycle } from "../life-cycle.mjs";

lifeCycle(Mistral, process.env.LUTHIER_TEST_MODEL, { signedUrl: true });
