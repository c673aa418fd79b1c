//! An app's Durable Objects: how their events reach the isolate where they live.

use cellhouse_cell::Tickets;
use cellhouse_objects::{Due, Namespace, NotRun, ObjectId};
use tokio::sync::oneshot;

use super::{Worker, not_running};
use crate::failure::{Failure, FailureKind};
use crate::isolate::{Events, IsolateHandle, Job};
use crate::objects::{
    Answer, Call, ObjectClass, ObjectJob, ObjectRequest, ObjectResponse, Target, Told,
};
use crate::placed::{Placed, answer_of};

impl Worker {
    /// Sends a request to an object and waits for its answer. The object's request is aborted when the future
    /// is dropped, or when the client of the event `parent` goes away, if it is for that one.
    pub(crate) async fn fetch_object(
        &self,
        target: Target,
        request: ObjectRequest,
        tickets: Option<Tickets>,
        events: &Events,
        parent: Option<u32>,
    ) -> Told<ObjectResponse> {
        let call = |answer| Call::Fetch { request, answer };
        let follow = |placed: &Placed| parent.map(|id| events.follow(id, placed.clone()));
        let caller = events.own_handle();
        self.call_object(target, tickets, caller, call, follow)
            .await
    }

    /// Runs the alarm of an object, if it is due: what [`cellhouse_objects::Alarms::run`] calls.
    pub async fn alarm(&self, due: Due) -> Result<(), NotRun> {
        let classes = self.object_classes();
        let mut targets = classes.iter().zip(0..).filter_map(|(class, index)| {
            let id = class.namespace.id_at(&due.address)?;
            if class.app.is_some() {
                return None;
            }
            Some(Target::new(index, class.namespace.clone(), id))
        });
        let Some(target) = targets.next() else {
            return Err(NotRun("the app has no class for this object".to_owned()));
        };
        let told = self
            .call_object(
                target,
                None,
                None,
                |answer| Call::Alarm { due, answer },
                |_| (),
            )
            .await;
        told.result.map_err(|failure| NotRun(failure.message))
    }

    /// Deletes an object of the app with all that it has stored, whether it lives anywhere or not: whether
    /// it existed. What runs of it ends with an error, its WebSockets are closed. Returns when that is
    /// durable; a future that is dropped does not keep it from happening.
    pub async fn delete_object(
        &self,
        namespace: &Namespace,
        id: &ObjectId,
    ) -> Result<bool, Failure> {
        // Deleting makes no instance, so the class does not matter.
        let target = Target::new(0, namespace.clone(), id.clone());
        let told = self
            .call_object(target, None, None, |answer| Call::Delete { answer }, |_| ())
            .await;
        if let Some(tickets) = told.tickets {
            let durable = tickets.durable().await;
            durable.map_err(|_| Failure::of(FailureKind::Storage))?;
        }
        told.result
    }

    /// What `meanwhile` makes of the place where the event was sent is kept until the answer is there.
    pub(crate) async fn call_object<T, M>(
        &self,
        target: Target,
        tickets: Option<Tickets>,
        caller: Option<IsolateHandle>,
        call: impl FnOnce(Answer<T>) -> Call,
        meanwhile: impl FnOnce(&Placed) -> M,
    ) -> Told<T> {
        let (answer, told) = oneshot::channel();
        let job = ObjectJob {
            event: self.next_event(),
            target,
            tickets,
            call: call(answer),
            waits: None,
        };
        let placed = match self.send_object(job, caller).await {
            Ok(placed) => placed,
            Err(failure) => return Told::failed(failure),
        };
        let _meanwhile = meanwhile(&placed);
        answer_of(placed, told).await
    }

    /// Sends an event to an object, which may be another app's.
    pub(crate) async fn send_object(
        &self,
        mut job: ObjectJob,
        caller: Option<IsolateHandle>,
    ) -> Result<Placed, Failure> {
        if job.target.facet.is_some() {
            return send_to_facet(job, caller);
        }
        if let Some(name) = job.target.app.take() {
            let app = self.0.spec.services.find(&name);
            let app = app.ok_or_else(|| Failure::exception(not_running(&name), ""))?;
            app.adopt(&mut job)?;
            return app.send_own_object(job, None).await;
        }
        self.send_own_object(job, caller).await
    }

    pub(super) async fn send_own_object(
        &self,
        job: ObjectJob,
        caller: Option<IsolateHandle>,
    ) -> Result<Placed, Failure> {
        match &self.0.spec.objects {
            Some(objects) => objects.host.send(self, job, caller).await,
            None => Err(Failure::exception("the app has no Durable Objects", "")),
        }
    }

    /// Makes an event of a worker before this one its own: numbers and classes are counted anew.
    pub(crate) fn adopt(&self, job: &mut ObjectJob) -> Result<(), Failure> {
        let classes = self.object_classes();
        let is_its = |class: &ObjectClass| {
            class.app.is_none() && class.namespace.id_at(&job.target.address).is_some()
        };
        let index = classes.iter().position(is_its);
        let Some(index) = index.and_then(|index| u32::try_from(index).ok()) else {
            let text = "the app has no class for this object any more";
            return Err(Failure::exception(text, ""));
        };
        job.target.class = index;
        job.event = self.next_event();
        Ok(())
    }
}

/// A facet lives where its parent does, who is the only one to call it.
fn send_to_facet(job: ObjectJob, parent: Option<IsolateHandle>) -> Result<Placed, Failure> {
    let stopped = || Failure::of(FailureKind::Stopped);
    let isolate = parent.ok_or_else(stopped)?;
    let placed = Placed {
        event: job.event,
        isolate: isolate.weak(),
    };
    isolate.status.one_more();
    let sent = isolate.send(Job::Object(Box::new(job)));
    sent.map(|()| placed).map_err(|_| stopped())
}
