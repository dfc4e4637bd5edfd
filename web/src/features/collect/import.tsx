import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { ImportOptions, Job, Upload } from "../../api/types";
import { useWords } from "../../i18n/use";
import { Page } from "../../ui/page";
import { ErrorNote } from "../../ui/state";
import { DropZone } from "./dropzone";
import { History } from "./history";
import { PreviewStep } from "./preview";
import { startImport } from "./queries";
import { Running } from "./running";
import { cleaned } from "./mapping";

type Step = { at: "choose" } | { at: "check"; upload: Upload } | { at: "run"; upload: Upload; job: Job };

/** A file of orders in, in three steps: choose it, check what was understood, watch it come in. */
export function ImportScreen() {
  const t = useWords();
  const queries = useQueryClient();
  const [step, setStep] = useState<Step>({ at: "choose" });
  const [options, setOptions] = useState<ImportOptions>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [starting, setStarting] = useState(false);

  const begin = (upload: Upload) => {
    setOptions({});
    setFailure(null);
    setStep({ at: "check", upload });
  };
  const again = () => {
    setStep({ at: "choose" });
    setFailure(null);
    void queries.invalidateQueries({ queryKey: ["imports"] });
  };
  const start = async (upload: Upload) => {
    setStarting(true);
    setFailure(null);
    try {
      setStep({ at: "run", upload, job: await startImport(upload.upload, cleaned(options)) });
      void queries.invalidateQueries({ queryKey: ["status"] });
    } catch (error) {
      setFailure(error);
    } finally {
      setStarting(false);
    }
  };
  return (
    <Page title={t("import.title")} lede={t("import.lede")}>
      {failure ? <ErrorNote error={failure} /> : null}
      {step.at === "choose" ? <DropZone onUploaded={begin} /> : null}
      {step.at === "check" ? (
        <PreviewStep upload={step.upload} options={options} onOptions={setOptions} onCancel={again} onStart={() => void start(step.upload)} starting={starting} />
      ) : null}
      {step.at === "run" ? <Running job={step.job} name={step.upload.name} onAgain={again} onBack={() => setStep({ at: "check", upload: step.upload })} /> : null}
      <History />
    </Page>
  );
}
