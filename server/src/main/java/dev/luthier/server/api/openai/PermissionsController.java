package dev.luthier.server.api.openai;

import dev.luthier.server.api.ApiFailure;
import dev.luthier.server.api.Cursor;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.ModelPermissions;
import dev.luthier.server.model.ModelPermissions.Permission;
import dev.luthier.server.model.ModelRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Which other projects may use a checkpoint or a fine-tuned model. For administrators. */
@RestController
@RequestMapping("/openai/v1/fine_tuning/checkpoints/{checkpoint}/permissions")
final class PermissionsController {
    private static final int PAGE = 10;
    private static final int MAX_PAGE = 100;

    private final ModelRegistry registry;
    private final ModelPermissions permissions;

    PermissionsController(ModelRegistry registry, ModelPermissions permissions) {
        this.registry = registry;
        this.permissions = permissions;
    }

    /** @param createdAt Unix seconds */
    record PermissionJson(String id, String object, long createdAt, String projectId) {
        static PermissionJson of(Permission permission) {
            return new PermissionJson(Ids.openAi(Ids.PERMISSION, permission.id()), "checkpoint.permission",
                    permission.createdAtMillis() / 1000, permission.project());
        }
    }

    record DeletedJson(String id, String object, boolean deleted) {}

    /** Gives projects the use of a checkpoint; the answer lists the permission of each, new or not. */
    @PostMapping
    @RequiresScope(Scope.ORGANIZATION)
    CursorList<PermissionJson> grant(Principal caller, Query query, @PathVariable("checkpoint") String checkpoint,
            Fields body) {
        query.finish();
        FineTunedModel model = model(caller, checkpoint);
        List<String> projects = new ArrayList<>();
        for (FieldValue project : body.list("project_ids")) {
            projects.add(project.text().notEmpty().required());
        }
        if (projects.isEmpty() && body.value("project_ids").node().isEmpty()) {
            body.value("project_ids").fault("missing_field", "At least one project is required in project_ids.");
        }
        body.finish();
        List<PermissionJson> granted = permissions.grant(model, projects).stream().map(PermissionJson::of).toList();
        return CursorList.of(granted, granted.size(), PermissionJson::id);
    }

    @GetMapping
    @RequiresScope(Scope.ORGANIZATION)
    CursorList<PermissionJson> list(Principal caller, Query query, @PathVariable("checkpoint") String checkpoint) {
        Cursor cursor = query.cursor(PAGE, MAX_PAGE);
        String project = query.text("project_id");
        Boolean oldestFirst = query.choice("order", Map.of("ascending", true, "descending", false));
        query.finish();
        FineTunedModel model = model(caller, checkpoint);
        List<Permission> found = permissions.list(model.uuid(), project, Boolean.TRUE.equals(oldestFirst),
                after(model, cursor.after()), cursor.limit() + 1);
        return CursorList.of(found.stream().map(PermissionJson::of).toList(), cursor.limit(), PermissionJson::id);
    }

    private @Nullable Permission after(FineTunedModel model, @Nullable String id) {
        if (id == null) {
            return null;
        }
        return find(model, id).orElseThrow(() -> UnknownJobs.after(id));
    }

    @DeleteMapping("/{permission}")
    @RequiresScope(Scope.ORGANIZATION)
    DeletedJson revoke(Principal caller, Query query, @PathVariable("checkpoint") String checkpoint,
            @PathVariable("permission") String id) {
        query.finish();
        FineTunedModel model = model(caller, checkpoint);
        UUID key = find(model, id).map(Permission::id).orElseThrow(() -> ApiFailure.of(404, "permission_not_found",
                "The checkpoint has no permission " + id + "."));
        permissions.revoke(model.uuid(), key);
        return new DeletedJson(id, "checkpoint.permission", true);
    }

    private Optional<Permission> find(FineTunedModel model, String id) {
        return Ids.parse(Ids.PERMISSION, id).flatMap(key -> permissions.find(model.uuid(), key));
    }

    private FineTunedModel model(Principal caller, String name) {
        return switch (registry.find(caller, name).orElseThrow(() -> MissingModel.failure(name))) {
            case FineTunedModel model -> model;
            case BaseModel base -> throw ApiFailure.of(404, "model_not_found", base.name()
                    + " is a base model, which every project may use. Name a fine-tuned model or a checkpoint.");
        };
    }
}
